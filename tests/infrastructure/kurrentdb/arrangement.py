"""What the tests of the KurrentDB adapter do again and again."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar
from uuid import uuid4

import pytest

from application.ports.event_store import RecordedEvent
from infrastructure.kurrentdb.address import UnusableEventStore
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.kurrentdb.event_store import KurrentDBEventStore
from tests.contracts.given import SettableClock
from tests.kurrentdb_server.records import ANY, Proposed
from tests.kurrentdb_server.server import KurrentDBServer

T = TypeVar("T")
PATIENCE = 1.5
"""For how many seconds the tests' stores try."""

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


async def refusal(uri: str, clock: SettableClock) -> str:
    """The one line with which opening is refused."""
    with pytest.raises(UnusableEventStore) as refused:
        async with open_kurrentdb(uri, clock=clock, patience=PATIENCE):
            pass
    message = str(refused.value)
    assert "\n" not in message
    return message
