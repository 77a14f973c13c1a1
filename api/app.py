"""Puts the application's HTTP side together: middleware, routes, errors, the OpenAPI document."""

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from api.errors.boundary import ErrorBoundary
from api.errors.edge import Edge
from api.errors.framework_errors import FRAMEWORK_ERRORS, framework_error
from api.http.authentication import Authentication
from api.http.body_limit import BodyLimit
from api.http.failed_logins import FailedLogins
from api.http.off_loop import OffLoop
from api.http.request_identity import RequestIdentity
from api.http.routing import Paths
from api.openapi.labs import describe
from api.routes import all_paths
from api.services import Services
from api.system.routes import system_router
from api.system.templates import template_router
from api.version import SERVICE_VERSION


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
    # For speed, decision 4.
    return _edge(Paths(all_paths(services), otherwise=app), services)


def _edge(inside: ASGIApp, services: Services) -> ASGIApp:
    return Edge(
        inside,
        identity=RequestIdentity(services.randomness),
        authentication=Authentication(services.token),
        limit=BodyLimit(services.limits.body_bytes),
        failed_logins=FailedLogins(services.on_failed_login, places=services.limits.connections),
        off_loop=OffLoop(most_waiting=services.limits.heavy_waiting),
    )
