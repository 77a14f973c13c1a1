"""Puts the application's HTTP side together: middleware, routes, errors, the OpenAPI document."""

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from api.framework_errors import FRAMEWORK_ERRORS, framework_error
from api.kubernetes.routes import kubernetes_paths
from api.lab_routes import lab_paths
from api.middleware.authentication import Authentication
from api.middleware.body_limit import BodyLimit
from api.middleware.edge import Edge
from api.middleware.error_boundary import ErrorBoundary
from api.middleware.request_identity import RequestIdentity
from api.openapi import describe
from api.routing import Paths
from api.services import Services
from api.system_routes import SERVICE_VERSION, system_router
from api.template_routes import template_router


def create_app(services: Services) -> ASGIApp:
    """The ASGI application that serves `services`. It starts nothing and owns nothing.

    Labs' paths are answered before FastAPI's own layers, which cost a request more than all
    that is done for it here. Everything else is FastAPI's, behind the same edge.
    """
    app = FastAPI(
        title="Lab Resource Manager",
        version=SERVICE_VERSION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Measured elsewhere; FastAPI's own records could hold texts that are not for them.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
        middleware=[Middleware(ErrorBoundary)],  # before FastAPI's own answers to errors
        exception_handlers=dict.fromkeys(FRAMEWORK_ERRORS, framework_error),
    )
    app.include_router(template_router(services))
    app.include_router(system_router(services))
    describe(app)
    paths = {**lab_paths(services), **kubernetes_paths(services)}
    return _edge(Paths(paths, otherwise=app), services)


def _edge(inside: ASGIApp, services: Services) -> ASGIApp:
    return Edge(
        inside,
        identity=RequestIdentity(services.randomness),
        authentication=Authentication(services.token),
        limit=BodyLimit(services.limits.body_bytes),
    )
