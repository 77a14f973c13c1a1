"""Pages of a history cost what is in them, not what came before."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from application.mediator.questions import GetHistory, HistoryEntry
from application.ports.event_store import RecordedEvent
from infrastructure.memory.event_store import MemoryEventStore
from tests.application.arrangement import Arrangement, SettableClock, arranged
from tests.domain.scenario import LAB
from tests.domain.test_user_commands import abandon, change, create
from tests.fakes.event_store import TroubledEventStore


class CountedEvents(TroubledEventStore):
    """Counts the events that are read of streams."""

    read = 0

    async def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        reading = super().read_stream(stream, from_version=from_version, backwards=backwards)
        async for recorded in reading:
            self.read += 1
            yield recorded


async def page(app: Arrangement, after: int, limit: int) -> list[HistoryEntry]:
    asked = GetHistory(key=LAB, after_version=after, limit=limit)
    entries = await app.mediator.ask(asked)
    return list(entries)


@pytest.fixture
def store() -> CountedEvents:
    return CountedEvents(MemoryEventStore(SettableClock()))


async def test_pages_one_after_the_other_read_each_event_about_once(store: CountedEvents) -> None:
    app = arranged(store)
    await app.send(create)
    for number in range(29):
        await app.send(replace(change, labels={"n": str(number)}))
    whole = await page(app, 0, 100)
    store.read, found, after = 0, [], 0
    while entries := await page(app, after, 4):
        found += entries[:3]  # as the API does, which asks for one more than it shows
        after = found[-1].recorded.version
    assert found == whole
    assert store.read < 2 * len(whole)


async def test_a_page_in_the_middle_begins_at_its_incarnation(store: CountedEvents) -> None:
    app = arranged(store)
    async with app.projecting():
        for number in range(10):
            await app.send(replace(create, uid=str(number)))
            await app.send(abandon)
        assert await app.projected.reached(await store.head(), within=1)
        whole = await page(app, 0, 100)
        fresh = Arrangement(app.clock, store, read_model=app.read_model)
        store.read = 0
        assert await page(fresh, 17, 100) == whole[17:]
    assert store.read <= 4
