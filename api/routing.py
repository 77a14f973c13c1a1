"""How plain ASGI routes are made: one path, several methods, no detours on the hot path."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import cast
from uuid import uuid5

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.middleware.authentication import USER
from api.middleware.request_identity import CONTEXT
from api.refusals import MethodNotAllowed
from application.mediator import RequestContext
from domain.errors import LabInstanceNotFound
from domain.lab_instance.key import LabKey
from domain.lab_instance.validation import name_faults, namespace_faults

Handler = Callable[[Request], Awaitable[Response]]


def route(path: str, handlers: Mapping[str, Handler]) -> Route:
    """A route that answers each method with its handler, and others with MethodNotAllowed."""
    return Route(path, _ByMethod(handlers), include_in_schema=False)


def context_of(request: Request) -> RequestContext:
    """Who asks, and what the request belongs to. Two users' keys never mean one command."""
    context, user = cast("RequestContext", request.scope[CONTEXT]), request.scope[USER]
    if context.repeatable:
        return replace(context, actor=user, command_id=uuid5(context.command_id, user))
    return replace(context, actor=user)


def key_in(request: Request) -> LabKey:
    """The lab that the path names. Raises LabInstanceNotFound for what no lab can be named."""
    namespace, name = request.path_params["namespace"], request.path_params["name"]
    if name_faults("", name) or namespace_faults("", namespace):
        raise LabInstanceNotFound(namespace, name)
    return LabKey(namespace, name)


class _ByMethod:
    """An ASGI endpoint, so that neither FastAPI nor Starlette wraps the handlers."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = dict(handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self._handlers.get(scope["method"])
        if handler is None:
            raise MethodNotAllowed(sorted(self._handlers))
        response = await handler(Request(scope, receive))
        await response(scope, receive, send)
