"""What a SQLite event store holds, and what a source delivers in time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from application.ports.event_store import RecordedEvent
from infrastructure.sqlite.event_store import SqliteEventStore

STREAM = "labinstance-class-a/lab-1"


async def everything(store: SqliteEventStore) -> list[RecordedEvent]:
    """The whole log."""
    return [one async for one in store.read_all(after=0)]


async def items(source: AsyncIterator[Any], count: int) -> list[Any]:
    """The next so many items."""
    async with asyncio.timeout(10):
        return [await anext(source) for _ in range(count)]
