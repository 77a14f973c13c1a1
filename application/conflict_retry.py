"""The behaviour that decides again on fresh state when another writer was faster."""

from application.mediator import CommandHandler, CommandOutcome, RequestContext
from application.ports.event_store import StreamConflict
from domain.lab_instance.commands import LabInstanceCommand

_ATTEMPTS = 5


async def decide_again_on_conflict(
    command: LabInstanceCommand, context: RequestContext, handle: CommandHandler
) -> CommandOutcome:
    """Have the command handled, again when it lost a race. Raises StreamConflict when it lost
    every time. Each time the lab is loaded and decided on anew, so nobody is overwritten."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return await handle(command, context)
        except StreamConflict:
            continue
    return await handle(command, context)
