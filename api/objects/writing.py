"""Carries out commands on documents for requests, or only rehearses them."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from api.http.request_identity import context_of
from api.kubernetes.options import resource_version
from api.services import Services
from application.commands.object_rehearsal import rehearse
from application.mediator.mediator import RequestContext
from application.mediator.object_questions import GetApiObject
from application.mediator.questions import Latest
from application.ports.object_views import ApiObjectView
from domain.api_object.commands import ApiObjectCommand, ApiObjectPrecondition
from domain.api_object.errors import ApiObjectPreconditionFailed
from domain.api_object.key import ApiObjectKey


class ObjectWriting:
    """What the writing routes share."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._clock = services.clock
        self._attempts = services.limits.patch_attempts

    async def carry_out(
        self,
        request: Request,
        command: ApiObjectCommand,
        *,
        dry_run: bool,
        context: RequestContext | None = None,
    ) -> ApiObjectView:
        """The document after the command, or as it would be; one that is gone as it was last."""
        if dry_run:
            view = await rehearse(self._mediator, command, self._clock.now())
        else:
            outcome = await self._mediator.send(command, context or context_of(request))
            view = outcome.view
        assert view is not None, "what is not refused leaves a view"  # noqa: S101  decide says so
        return view

    async def fresh(
        self, key: ApiObjectKey, attempt: Callable[[ApiObjectView], Awaitable[Response]]
    ) -> Response:
        """What `attempt` makes of the document as it is; again when another writer was faster.
        Raises ApiObjectNotFound, and what the attempts raise."""
        moment, attempts = Latest(not_older_than=None), self._attempts
        while True:
            current = await self._mediator.ask(GetApiObject(key=key, moment=moment))
            attempts -= 1
            try:
                return await attempt(current)
            except ApiObjectPreconditionFailed as error:
                bet = error.expected == str(current.resource_version)
                if error.what != "resourceVersion" or not bet or not attempts:
                    raise
                moment = Latest(not_older_than=int(error.actual))


def precondition(uid: str, version: str) -> ApiObjectPrecondition:
    """What must be true of the document; empty texts, and version 0, ask nothing."""
    wanted = resource_version(version) if version else 0
    return ApiObjectPrecondition(uid=uid or None, resource_version=wanted or None)
