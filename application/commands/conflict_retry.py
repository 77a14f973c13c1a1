"""The behaviour that decides again on fresh state when another writer was faster."""

from application.mediator.mediator import Command, CommandHandler, Outcome, RequestContext
from application.ports.event_store import StreamConflict

_ATTEMPTS = 5


async def decide_again_on_conflict(
    command: Command, context: RequestContext, handle: CommandHandler
) -> Outcome:
    """Have the command handled, again when it lost a race. Raises StreamConflict when it lost
    every time. Each time what it is about is loaded anew, so nobody is overwritten."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return await handle(command, context)
        except StreamConflict:
            continue
    return await handle(command, context)
