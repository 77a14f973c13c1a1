"""Carries out commands on documents for requests, or only rehearses them."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from api.http.request_identity import context_of
from api.kubernetes.write_checks import retry_on_fresh
from api.services import Services
from application.commands.rehearsal import rehearse_object
from application.mediator.mediator import RequestContext
from application.mediator.object_questions import GetApiObject
from application.mediator.questions import Latest
from application.ports.views import ApiObjectView
from domain.api_object.commands import ApiObjectCommand
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
            view = await rehearse_object(self._mediator, command, self._clock.now())
        else:
            outcome = await self._mediator.send(command, context or context_of(request))
            view = outcome.view
        assert view is not None, "what is not refused leaves a view"  # noqa: S101  decide says so
        return view

    async def retry_on_fresh(
        self, key: ApiObjectKey, attempt: Callable[[ApiObjectView], Awaitable[Response]]
    ) -> Response:
        """What `attempt` makes of the object as it is; again when another writer was faster.
        Raises ApiObjectNotFound, and what the attempts raise."""

        def current(version: int) -> Awaitable[ApiObjectView]:
            moment = Latest(not_older_than=version or None)
            return self._mediator.ask(GetApiObject(key=key, moment=moment))

        return await retry_on_fresh(current, attempt, attempts=self._attempts)
