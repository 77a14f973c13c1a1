"""Clients write `/version/` as well as `/version`; both are the same, without a redirect."""

from starlette.types import ASGIApp, Receive, Scope, Send


class TrailingSlash:
    """Takes slashes off the end of every path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].endswith("/"):
            scope["path"] = scope["path"].rstrip("/") or "/"
        await self._app(scope, receive, send)
