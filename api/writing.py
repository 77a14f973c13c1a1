"""What the writing routes share: sending a command, or only rehearsing it, and its answer."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from api.given_resource import Given
from api.middleware.request_identity import context_of
from api.options import FieldValidation, WriteOptions, resource_version, warnings
from api.refusals import BadRequest, UnknownFields
from api.services import Services
from application.mediator import Mediator, RequestContext
from application.queries.questions import GetLabInstance, Recorded
from application.rehearsal import rehearse
from application.views import LabInstanceView
from domain.errors import PreconditionFailed
from domain.lab_instance.commands import LabInstanceCommand, Precondition
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


def check_unknown(given: Given, options: WriteOptions) -> Mapping[str, str]:
    """The headers that warn of unknown fields. Raises UnknownFields when being strict."""
    if not given.unknown:
        return {}
    match options.field_validation:
        case FieldValidation.STRICT:
            raise UnknownFields(given.kind, given.unknown[:20])
        case FieldValidation.WARN:
            return warnings(given.unknown)
        case FieldValidation.IGNORE:
            return {}


def check_address(given: Given, key: LabKey) -> None:
    """Raises BadRequest when the body speaks of another lab than the path."""
    name, namespace = given.metadata.name, given.metadata.namespace
    if name not in ("", key.name):
        raise BadRequest(f"the name of the object does not match the name on the URL ({key.name})")
    if namespace not in ("", key.namespace):
        raise BadRequest(
            "the namespace of the object does not match the namespace on the URL "
            f"({key.namespace})"
        )


def precondition(uid: str, version: str) -> Precondition:
    """What must be true of the lab; empty texts, and version 0, ask nothing."""
    return Precondition(
        uid=uid or None, resource_version=(resource_version(version) if version else 0) or None
    )
