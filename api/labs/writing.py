"""What the writing routes share: sending a command, or only rehearsing it, and its answer."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from api.http.request_identity import context_of
from api.services import Services
from application.commands.rehearsal import rehearse
from application.mediator.mediator import Mediator, RequestContext
from application.mediator.questions import GetLabInstance, Recorded
from application.ports.views import LabInstanceView
from domain.errors import PreconditionFailed
from domain.lab_instance.commands import LabInstanceCommand
from domain.lab_instance.key import LabKey


class Writing:
    """Carries out commands for requests."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._clock = services.clock

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
            return await rehearse(self._mediator, command, self._clock.now())
        outcome = await self._mediator.send(command, context or context_of(request))
        return outcome.view


async def fresh(
    mediator: Mediator,
    key: LabKey,
    attempt: Callable[[LabInstanceView], Awaitable[Response]],
    *,
    attempts: int,
) -> Response:
    """What `attempt` makes of the lab as it is. One that lost a race, by sending the resource
    version of a lab that is another by now, is made again on the fresh lab. Raises
    LabInstanceNotFound, and what the attempts raise."""
    known = 0
    while True:
        moment = Recorded(not_older_than=known)
        current = await mediator.ask(GetLabInstance(key=key, moment=moment))
        attempts -= 1
        try:
            return await attempt(current)
        except PreconditionFailed as error:
            bet = error.expected == str(current.resource_version)
            if error.what != "resourceVersion" or not bet or not attempts:
                raise
            known = int(error.actual)
