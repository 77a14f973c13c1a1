"""How loops send commands through the mediator: in whose name, and as part of what story."""

from uuid import UUID

from application.mediator.mediator import LabOutcome, Mediator, RequestContext
from application.ports.clock import Randomness
from application.ports.event_store import RecordedEvent
from domain.api_object.commands import ApiObjectCommand
from domain.lab_instance.commands import LabInstanceCommand


class CommandSender:
    """Sends one loop's commands: the loop is the actor, the replica the user agent."""

    def __init__(
        self, mediator: Mediator, *, randomness: Randomness, actor: str, replica: str
    ) -> None:
        """`replica` is empty for a loop that works for all of them."""
        self._mediator = mediator
        self._randomness = randomness
        self._replica = replica
        self._actor = actor

    def new_uid(self) -> str:
        """A uid for something new."""
        return self._randomness.uid()

    async def send(
        self, command: LabInstanceCommand, *, cause: RecordedEvent | None, story: str
    ) -> LabOutcome:
        """Send the command as a consequence of `cause`. It belongs to the story that the
        cause belongs to, else to `story`. Raises what the mediator raises."""
        return await self._mediator.send(command, self._context(cause, story))

    async def send_to_object(self, command: ApiObjectCommand) -> None:
        """Send a command about an API object. Raises what the mediator raises."""
        await self._mediator.send(command, self._context(None, str(command.key)))

    def _context(self, cause: RecordedEvent | None, story: str) -> RequestContext:
        metadata = {} if cause is None else cause.metadata
        return RequestContext(
            command_id=UUID(self._randomness.uid()),
            correlation_id=metadata.get("$correlationId", "") or story,
            causation_id="" if cause is None else str(cause.id),
            actor=self._actor,
            user_agent=agent_of(self._replica),
            traceparent=metadata.get("traceparent", ""),
            repeatable=False,
        )


def agent_of(replica: str) -> str:
    """How a replica is named in what its loops have recorded."""
    return f"replica {replica}" if replica else ""
