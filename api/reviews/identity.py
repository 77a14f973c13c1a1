"""Answers who somebody is: of this service's token it is the administrator."""

from typing import Any

from starlette.requests import Request

from api.http.authentication import BearerToken
from api.http.refusals import BadRequest
from api.reviews.shapes import TokenSpec, review, spec_of

_GROUPS = ("system:authenticated",)


class Identity:
    """Knows one token."""

    def __init__(self, token: BearerToken) -> None:
        self._token = token
        self._user = {"username": token.user, "groups": _GROUPS}

    def own(self, _request: Request, given: dict[str, Any]) -> dict[str, Any]:
        """Who am I? Nobody comes here without the token."""
        answer = review(given, spec=None, status={"userInfo": self._user})
        del answer["spec"]
        return answer

    def of_token(self, _request: Request, given: dict[str, Any]) -> dict[str, Any]:
        """Whose token is that? Raises BadRequest."""
        token = spec_of(given, TokenSpec).token
        if not token:
            raise BadRequest("token is required for TokenReview in authentication")
        if self._token.admits(token.encode()):
            return review(given, spec={}, status={"authenticated": True, "user": self._user})
        unknown = {"authenticated": False, "error": "the token is not one of this service"}
        return review(given, spec={}, status=unknown)
