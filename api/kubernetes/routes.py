"""All paths that only Kubernetes clients ask for."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.kubernetes.discovery import discovery_paths
from api.kubernetes.openapi import openapi_paths
from api.routing import Methods


def kubernetes_paths() -> Mapping[str, Methods]:
    """The paths of discovery and of OpenAPI."""
    return {**discovery_paths(), **openapi_paths(), "/healthz": {"GET": _healthy}}


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")
