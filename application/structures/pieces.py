"""Long work on the event loop in pieces, so that everybody else has a turn in between."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")


async def in_pieces(items: Iterable[T], *, size: int) -> AsyncIterator[T]:
    """The items; after each `size` of them it is the others' turn. Nothing that changes while
    others have theirs may be iterated over."""
    for number, item in enumerate(items, 1):
        yield item
        if number % size == 0:
            await asyncio.sleep(0)
