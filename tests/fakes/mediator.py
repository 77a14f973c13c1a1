"""A behaviour for the real mediator that remembers what was sent."""

from application.mediator.mediator import CommandHandler, Outcome, RequestContext
from domain.lab_instance.commands import LabInstanceCommand
from domain.lab_instance.key import LabKey


class Recording:
    """Remembers every command with its context; refuses to pass those about `poisoned` labs."""

    def __init__(self) -> None:
        self.sent: list[tuple[LabInstanceCommand, RequestContext]] = []
        self.poisoned: set[LabKey] = set()

    async def __call__(
        self, command: LabInstanceCommand, context: RequestContext, handle: CommandHandler
    ) -> Outcome:
        self.sent.append((command, context))
        if command.lab in self.poisoned and context.actor != "admin":
            raise RuntimeError("a bug that this lab brings out")
        return await handle(command, context)

    def by(self, actor: str) -> list[LabInstanceCommand]:
        """What this actor sent, in order."""
        return [command for command, context in self.sent if context.actor == actor]
