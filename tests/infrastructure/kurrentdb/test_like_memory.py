"""Under any sequence of operations, and with faults in between, KurrentDB answers as memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from application.ports.event_store import RecordedEvent, StreamConflict
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.memory.event_store import MemoryEventStore
from tests.contracts.alike import EventStoreSteps, budget
from tests.contracts.given import NOON, SettableClock
from tests.infrastructure.kurrentdb.arrangement import foreign
from tests.kurrentdb_server.server import KurrentDBServer, serving

T = TypeVar("T")
BUDGET = budget(20)


class EventStores(EventStoreSteps, RuleBasedStateMachine):
    """A server and a memory store, on an event loop of their own.

    Positions are compared by their order: `places` holds those of the server, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        clock = SettableClock()
        self.memory = MemoryEventStore(clock)
        self.server = KurrentDBServer(clock=clock)
        self.run(self.stack.enter_async_context(serving(self.server)))
        opened = open_kurrentdb(self.server.uri, clock=clock)
        self.store = self.run(self.stack.enter_async_context(opened))

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.run(self.loop.shutdown_asyncgens())
        self.loop.close()

    @property
    def places(self) -> list[int]:
        ours = (one for one in self.server.log.records if one.event.type != "order-placed")
        return [0, *(record.position + 1 for record in ours)]

    def both(self, method: str, *args: Any, **kwargs: Any) -> None:
        expected = self.run(outcome(getattr(self.memory, method)(*args, **kwargs)))
        answer = self.run(outcome(getattr(self.store, method)(*args, **kwargs)))
        if isinstance(answer, list):
            answer = [replace(one, position=self.places.index(one.position)) for one in answer]
        assert answer == expected

    @rule(place=st.integers(0, 20))
    def read_all(self, place: int) -> None:
        place = min(place, len(self.places) - 1)
        expected = self.run(outcome(self.memory.read_all(after=place)))
        answer = self.run(outcome(self.store.read_all(after=self.places[place])))
        assert [one.id for one in answer] == [one.id for one in expected]

    @rule()
    def head(self) -> None:
        assert self.places[self.run(self.memory.head())] == self.run(self.store.head())

    @rule(kind=st.sampled_from(["lost_replies", "failures_before_commit", "halved_reads"]))
    def fail_once(self, kind: str) -> None:
        setattr(self.server.faults, kind, 1)

    @rule()
    def others_write(self) -> None:
        foreign(self.server)


async def outcome(answer: Any) -> Any:
    """What a method answers, in a form that compares: events without times, and refusals by
    what they say."""
    try:
        if isinstance(answer, AsyncIterator):
            found = [item async for item in answer]
        else:
            found = list(await answer)
    except StreamConflict as conflict:
        return str(conflict)
    return [replace(one, recorded_at=NOON) for one in found if isinstance(one, RecordedEvent)]


TestEventStores = EventStores.TestCase
TestEventStores.settings = BUDGET
