"""Lets in who has the token, and notes the user's name."""

import hmac
from dataclasses import dataclass, field

from api.http.refusals import Unauthenticated
from api.http.request_identity import Caller

_OPEN = frozenset({"/livez", "/readyz", "/version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerToken:
    """The token of one user. The secret shows in no repr."""

    user: str
    secret: str = field(repr=False)

    def admits(self, presented: bytes) -> bool:
        """Whether the token presented is this one, compared in constant time."""
        return hmac.compare_digest(presented, self.secret.encode())


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
