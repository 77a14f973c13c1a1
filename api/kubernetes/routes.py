"""All paths that only Kubernetes clients ask for."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.kubernetes.discovery import discovery_routes
from api.kubernetes.openapi import openapi_routes
from api.routing import route
from api.services import Services


def kubernetes_routes(services: Services) -> Sequence[Route]:
    """The routes of discovery, of OpenAPI, and of the built-in kinds."""
    del services
    return [
        *discovery_routes(),
        *openapi_routes(),
        route("/healthz", {"GET": _healthy}),
    ]


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")
