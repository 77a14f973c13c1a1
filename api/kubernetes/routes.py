"""All paths that only Kubernetes clients ask for."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.kubernetes.definitions.routes import definition_paths
from api.kubernetes.discovery import discovery_paths
from api.kubernetes.events.routes import event_paths
from api.kubernetes.openapi import openapi_paths
from api.kubernetes.reviews.routes import review_paths
from api.routing import Methods
from api.services import Services


def kubernetes_paths(services: Services) -> Mapping[str, Methods]:
    """The paths of discovery, of OpenAPI, and of the kinds that Kubernetes itself brings."""
    return {
        **discovery_paths(),
        **openapi_paths(),
        **definition_paths(services),
        **event_paths(services),
        **review_paths(services.token),
        "/healthz": {"GET": _healthy},
    }


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")
