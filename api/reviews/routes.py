"""The paths of reviews. Each is created, answered at once, and forgotten."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.http.authentication import BearerToken
from api.http.responses import json_response
from api.http.routing import Handler, Methods
from api.kubernetes.body import read_object
from api.kubernetes.kinds import (
    LOCAL_ACCESS_REVIEWS,
    OWN_ACCESS_REVIEWS,
    OWN_RULES_REVIEWS,
    SUBJECT_ACCESS_REVIEWS,
    SUBJECT_REVIEWS,
    SUBJECT_REVIEWS_BETA,
    TOKEN_REVIEWS,
    Kind,
)
from api.reviews.identity import Identity
from api.reviews.permission import (
    own_access,
    own_rules,
    subject_access,
)

Answer = Callable[[Request, dict[str, Any]], dict[str, Any]]


def review_paths(token: BearerToken) -> Mapping[str, Methods]:
    """All paths of reviews."""
    identity = Identity(token)
    anyone = subject_access(token.user)
    answers: Mapping[Kind, Answer] = {
        OWN_ACCESS_REVIEWS: own_access,
        OWN_RULES_REVIEWS: own_rules,
        SUBJECT_ACCESS_REVIEWS: anyone,
        LOCAL_ACCESS_REVIEWS: anyone,
        SUBJECT_REVIEWS: identity.own,
        SUBJECT_REVIEWS_BETA: identity.own,
        TOKEN_REVIEWS: identity.of_token,
    }
    return {_path(kind): {"POST": _created(kind, answer)} for kind, answer in answers.items()}


def _path(kind: Kind) -> str:
    inside = "/namespaces/{namespace}" if kind.namespaced else ""
    return f"{kind.base}{inside}/{kind.plural}"


def _created(kind: Kind, answer: Answer) -> Handler:
    async def create(request: Request) -> Response:
        given = await read_object(request, api_version=kind.api_version, kind=kind.kind)
        given = {**given, "apiVersion": kind.api_version, "kind": kind.kind}
        return json_response(answer(request, given), code=201)

    return create
