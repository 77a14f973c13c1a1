"""How loops speak through the mediator: in whose name, and as part of what story."""

from uuid import UUID

from application.mediator.mediator import CommandOutcome, Mediator, RequestContext
from application.ports.clock import Randomness
from application.ports.event_store import RecordedEvent
from domain.lab_instance.commands import LabInstanceCommand


class CommandSender:
    """Sends the commands of one loop, named as their actor, and of one replica, told as the
    program that it used."""

    def __init__(
        self, mediator: Mediator, *, randomness: Randomness, actor: str, replica: str
    ) -> None:
        self._mediator = mediator
        self._randomness = randomness
        self._replica = replica
        self._actor = actor

    async def send(
        self, command: LabInstanceCommand, *, cause: RecordedEvent | None, story: str
    ) -> CommandOutcome:
        """Send the command as a consequence of `cause`. It belongs to the story that the
        cause belongs to, else to `story`. Raises what the mediator raises."""
        return await self._mediator.send(command, self._context(cause, story))

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
    """How a replica is told in what its loops have recorded."""
    return f"replica {replica}"
