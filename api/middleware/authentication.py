"""Lets in who has the token; leaves the user's name in the scope."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.refusals import Unauthenticated
from api.services import BearerToken

USER = "lab.user"
_OPEN = frozenset({"/livez", "/readyz", "/version"})


class Authentication:
    """Bearer authentication of every path but the open ones."""

    def __init__(self, app: ASGIApp, token: BearerToken) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or raise Unauthenticated."""
        if scope["type"] == "http" and scope["path"] not in _OPEN:
            scheme, _, presented = _header(scope, b"authorization").partition(b" ")
            if scheme.lower() != b"bearer" or not self._token.admits(presented.strip()):
                raise Unauthenticated
            scope[USER] = self._token.user
        await self._app(scope, receive, send)


def _header(scope: Scope, name: bytes) -> bytes:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""
