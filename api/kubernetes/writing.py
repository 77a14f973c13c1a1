"""Carries out commands for requests, or only rehearses them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import overload
from uuid import uuid5

from starlette.requests import Request
from starlette.responses import Response

from api.http.request_identity import context_of
from api.kubernetes.write_checks import retry_on_fresh
from api.services import Services
from application.commands.rehearsal import rehearse_lab, rehearse_object
from application.mediator.mediator import Command, RequestContext
from application.mediator.object_questions import GetApiObject
from application.mediator.questions import GetLabInstance, Latest, Recorded
from application.ports.views import ApiObjectView, LabInstanceView
from domain.api_object.commands import ApiObjectCommand
from domain.api_object.key import ApiObjectKey
from domain.lab_instance.commands import LabInstanceCommand
from domain.lab_instance.key import LabKey


class Writing:
    """What the writing routes of all kinds share."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._clock = services.clock
        self._attempts = services.limits.patch_attempts

    @overload
    async def carry_out(
        self,
        request: Request,
        command: LabInstanceCommand,
        *,
        dry_run: bool,
        context: RequestContext | None = None,
    ) -> LabInstanceView | None: ...
    @overload
    async def carry_out(
        self,
        request: Request,
        command: ApiObjectCommand,
        *,
        dry_run: bool,
        context: RequestContext | None = None,
    ) -> ApiObjectView: ...
    async def carry_out(
        self,
        request: Request,
        command: Command,
        *,
        dry_run: bool,
        context: RequestContext | None = None,
    ) -> LabInstanceView | ApiObjectView | None:
        """The lab, or the object, after the command, or as it would be; an object that is gone
        as it was last. Raises what the mediator raises."""
        if not isinstance(command, ApiObjectCommand):
            if dry_run:
                return await rehearse_lab(self._mediator, command, self._clock.now())
            return (await self._mediator.send(command, context or context_of(request))).view
        if dry_run:
            view = await rehearse_object(self._mediator, command, self._clock.now())
        else:
            view = (await self._mediator.send(command, context or context_of(request))).view
        assert view is not None, "what is not refused leaves a view"  # noqa: S101  decide says so
        return view

    async def on_fresh_lab(
        self, key: LabKey, attempt: Callable[[LabInstanceView], Awaitable[Response]]
    ) -> Response:
        """See retry_on_fresh. Raises LabInstanceNotFound, and what the attempts raise."""

        def current(version: int) -> Awaitable[LabInstanceView]:
            moment = Recorded(not_older_than=version)
            return self._mediator.ask(GetLabInstance(key=key, moment=moment))

        return await retry_on_fresh(current, attempt, attempts=self._attempts)

    async def on_fresh_object(
        self, key: ApiObjectKey, attempt: Callable[[ApiObjectView], Awaitable[Response]]
    ) -> Response:
        """See retry_on_fresh. Raises ApiObjectNotFound, and what the attempts raise."""

        def current(version: int) -> Awaitable[ApiObjectView]:
            moment = Latest(not_older_than=version or None)
            return self._mediator.ask(GetApiObject(key=key, moment=moment))

        return await retry_on_fresh(current, attempt, attempts=self._attempts)


def one_of_many(request: Request, key: LabKey | ApiObjectKey) -> RequestContext:
    """The context of a command that is one of several of the same request."""
    context = context_of(request)
    return replace(context, command_id=uuid5(context.command_id, str(key)))
