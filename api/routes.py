"""All paths but those of FastAPI's own routers, and who answers them."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.audit.routes import audit_paths
from api.definitions.routes import definition_paths
from api.discovery.routes import discovery_paths
from api.events.routes import event_paths
from api.http.routing import Methods
from api.labs.routes import lab_paths
from api.objects.leases import LEASE_OBJECTS
from api.objects.namespaces import NAMESPACE_OBJECTS
from api.objects.routes import object_paths
from api.openapi.routes import openapi_paths
from api.reviews.routes import review_paths
from api.services import Services


def all_paths(services: Services) -> Mapping[str, Methods]:
    """The paths of labs, of the kinds that Kubernetes itself brings, and of their descriptions."""
    return {
        **lab_paths(services),
        **discovery_paths(),
        **openapi_paths(),
        **definition_paths(services),
        **audit_paths(services),
        **object_paths(services, (NAMESPACE_OBJECTS, LEASE_OBJECTS)),
        **event_paths(services),
        **review_paths(services.token),
        "/healthz": {"GET": _healthy},
    }


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")
