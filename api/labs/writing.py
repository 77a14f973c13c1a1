"""What the writing routes share: sending a command, or only rehearsing it, and its answer."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from api.http.request_identity import context_of
from api.kubernetes.write_checks import retry_on_fresh
from api.services import Services
from application.commands.rehearsal import rehearse_lab
from application.mediator.mediator import RequestContext
from application.mediator.questions import GetLabInstance, Recorded
from application.ports.views import LabInstanceView
from domain.lab_instance.commands import LabInstanceCommand
from domain.lab_instance.key import LabKey


class Writing:
    """Carries out commands for requests."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._clock = services.clock
        self._attempts = services.limits.patch_attempts

    async def carry_out(
        self,
        request: Request,
        command: LabInstanceCommand,
        *,
        dry_run: bool,
        context: RequestContext | None = None,
    ) -> LabInstanceView | None:
        """The lab after the command, or as it would be. Raises what the mediator raises."""
        if dry_run:
            return await rehearse_lab(self._mediator, command, self._clock.now())
        outcome = await self._mediator.send(command, context or context_of(request))
        return outcome.view

    async def retry_on_fresh(
        self, key: LabKey, attempt: Callable[[LabInstanceView], Awaitable[Response]]
    ) -> Response:
        """What `attempt` makes of the lab as it is; again when another writer was faster.
        Raises LabInstanceNotFound, and what the attempts raise."""

        def current(version: int) -> Awaitable[LabInstanceView]:
            moment = Recorded(not_older_than=version)
            return self._mediator.ask(GetLabInstance(key=key, moment=moment))

        return await retry_on_fresh(current, attempt, attempts=self._attempts)
