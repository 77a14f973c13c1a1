"""How the keeper of namespaces speaks through the mediator."""

from uuid import UUID

from application.mediator.mediator import Mediator, RequestContext
from application.ports.clock import Randomness
from domain.api_object.commands import ApiObjectCommand
from domain.lab_instance.commands import LabInstanceCommand

ACTOR = "controller/namespaces"


class ApiObjectSender:
    """Sends commands in the keeper's name."""

    def __init__(self, mediator: Mediator, randomness: Randomness) -> None:
        self._mediator = mediator
        self._randomness = randomness

    def new_id(self) -> str:
        """A uid for something new."""
        return self._randomness.uid()

    async def send(self, command: ApiObjectCommand) -> None:
        """Raises what the mediator raises."""
        await self._mediator.send(command, self._context(str(command.key)))

    async def send_to_lab(self, command: LabInstanceCommand, *, story: str) -> None:
        """Send the command as a part of the story. Raises what the mediator raises."""
        await self._mediator.send(command, self._context(story))

    def _context(self, story: str) -> RequestContext:
        return RequestContext(
            command_id=UUID(self._randomness.uid()),
            correlation_id=story,
            causation_id="",
            actor=ACTOR,
            user_agent="",
            traceparent="",
            repeatable=False,
        )
