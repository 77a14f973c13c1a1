"""What the tests of the KurrentDB adapter do again and again."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar
from uuid import uuid4

from application.ports.event_store import RecordedEvent
from infrastructure.kurrentdb.event_store import KurrentDBEventStore
from tests.kurrentdb_server.records import ANY, Proposed
from tests.kurrentdb_server.server import KurrentDBServer

T = TypeVar("T")
STREAM = "labinstance-class-a/lab-1"


async def items(source: AsyncIterator[T], count: int) -> list[T]:
    """The next `count` of what an iterator delivers, leaving it open."""
    async with asyncio.timeout(20):
        return [await anext(source) for _ in range(count)]


async def everything(store: KurrentDBEventStore) -> list[RecordedEvent]:
    """The whole log."""
    return [recorded async for recorded in store.read_all(after=0)]


def foreign(server: KurrentDBServer, count: int = 1, *, type_: str = "order-placed") -> None:
    """Others write to the same server."""
    for _ in range(count):
        event = Proposed(
            id=uuid4(), type=type_, content_type="application/json", data=b"{}", metadata=b"{}"
        )
        server.log.append("orders", ANY, [event])


def subscribed_at(server: KurrentDBServer) -> list[int | None]:
    """The commit positions after which subscriptions began; None is the start."""
    return [
        read.all.position.commit_position if read.all.HasField("position") else None
        for read in server.streams.reads
        if read.WhichOneof("count_option") == "subscription"
    ]
