"""Lets in who has the token, and notes the user's name."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.middleware.request_identity import caller_of
from api.refusals import Unauthenticated
from api.services import BearerToken

_OPEN = frozenset({"/livez", "/readyz", "/version"})


class Authentication:
    """Bearer authentication of every path but the open ones."""

    def __init__(self, app: ASGIApp, token: BearerToken) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or raise Unauthenticated."""
        if scope["path"] not in _OPEN:
            caller = caller_of(scope)
            scheme, _, presented = caller.headers.get(b"authorization", b"").partition(b" ")
            if scheme.lower() != b"bearer" or not self._token.admits(presented.strip()):
                raise Unauthenticated
            caller.user = self._token.user
        await self._app(scope, receive, send)
