"""Lets in who has the token, and notes the user's name."""

from api.middleware.request_identity import Caller
from api.refusals import Unauthenticated
from api.services import BearerToken

_OPEN = frozenset({"/livez", "/readyz", "/version"})


class Authentication:
    """Bearer authentication of every path but the open ones."""

    def __init__(self, token: BearerToken) -> None:
        self._token = token

    def check(self, path: str, caller: Caller) -> None:
        """Note who the caller is. Raises Unauthenticated."""
        if path in _OPEN:
            return
        scheme, _, presented = caller.headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer" or not self._token.admits(presented.strip()):
            raise Unauthenticated
        caller.user = self._token.user
