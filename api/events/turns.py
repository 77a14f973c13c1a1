"""Work on many Events in pieces, between which others get their turn."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")

_AT_ONCE = 64


async def in_turns(work: Callable[[S], T], many: Sequence[S]) -> Sequence[T]:
    """What `work` makes of each, in their order."""
    made: list[T] = []
    for begin in range(0, len(many), _AT_ONCE):
        made += map(work, many[begin : begin + _AT_ONCE])
        await asyncio.sleep(0)
    return made
