"""`copy`: a history from one named place to another."""

from collections.abc import Callable

from application.projections.reporting import Report
from infrastructure.settings import Settings
from infrastructure.system_clock import SystemClock
from infrastructure.unusable import Unusable
from infrastructure.upkeep.copying import Copied, HoldsSomethingElse, copy_history
from infrastructure.upkeep.places import open_source, open_target, read_place
from infrastructure.upkeep.troubles import one_line


async def copy_between(
    settings: Settings, *, source: str | None, target: str | None, report: Callable[[str], Report]
) -> Copied:
    """Copy the history. No service may work on either store meanwhile. Raises Unusable, and
    BrokenChain where the history is not what was written."""
    origin = read_place("--from", source, settings)
    goal = read_place("--to", target, settings)
    if origin == goal:
        raise Unusable("--from and --to name the same store")
    clock = SystemClock()
    with one_line():
        async with open_source(origin, clock) as old:
            if await old.end() == 0:
                raise Unusable("--from: there are no events")
            async with open_target(goal, clock) as new:
                try:
                    return await copy_history(old, new, report)
                except HoldsSomethingElse as error:
                    raise Unusable(str(error)) from error
