"""One command, one change: its events may be several, and watchers see what came of them."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import replace

from application.ports.views import LabChange


def merged(changes: Iterable[LabChange]) -> Iterator[LabChange]:
    """The changes, in order; those of one command to one lab that stand beside each other
    are one, from before the first to after the last."""
    held: LabChange | None = None
    for change in changes:
        if held is not None and not _of_one_command(held, change):
            yield held
            held = None
        held = _together(held, change)
    if held is not None:
        yield held


async def merging(
    changes: AsyncGenerator[LabChange, None],
) -> AsyncGenerator[LabChange, None]:
    """The same of changes that come one by one; each waits for the next one."""
    held: LabChange | None = None
    async with aclosing(changes):
        async for change in changes:
            if held is not None and not _of_one_command(held, change):
                yield held
                held = None
            held = _together(held, change)
        if held is not None:
            yield held


def _of_one_command(first: LabChange, second: LabChange) -> bool:
    """Changes without a command are nobody's, and a new lab is not part of the one before."""
    if not first.command or first.command != second.command:
        return False
    return first.key == second.key and first.after is not None


def _together(held: LabChange | None, change: LabChange) -> LabChange:
    return change if held is None else replace(change, before=held.before)
