"""Single facts: each is about one incarnation, and asking for the newest costs little."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from application.event_log.labs import stream_of
from application.mediator.fact_questions import (
    FactPage,
    FactsAfter,
    FactsOfLab,
    GetFact,
    LabFact,
    RecentFacts,
)
from application.mediator.questions import ResourceVersionTooLarge
from application.ports.event_store import EMPTY, NewEvent, RecordedEvent, Tip
from application.queries.facts import FactQueries
from domain.lab_instance.events import LabInstanceEvent
from domain.lab_instance.key import LabKey
from infrastructure.memory.event_store import MemoryEventStore
from tests.application.arrangement import SettableClock
from tests.contracts.given import GONE, RESTARTED, created
from tests.domain.scenario import NOW

LAB, OTHER = LabKey("class-a", "lab-1"), LabKey("class-b", "lab-2")


class CountingStore(MemoryEventStore):
    """Counts the events that were read from streams."""

    read = 0

    async def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        async for recorded in super().read_stream(
            stream, from_version=from_version, backwards=backwards
        ):
            self.read += 1
            yield recorded


class Log:
    """A log to be asked about; an hour passes between two calls of `happen`."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.store = CountingStore(self.clock)
        self.queries = FactQueries(self.store)
        self._tips: dict[LabKey, Tip] = {}

    async def happen(self, key: LabKey, *events: LabInstanceEvent) -> None:
        self.clock.pass_(3600)
        new = [NewEvent(id=uuid4(), event=each, metadata={}) for each in events]
        tip = self._tips.get(key, EMPTY)
        recorded = await self.store.append(stream_of(key), new, expected=tip)
        self._tips[key] = Tip(recorded[-1].version, recorded[-1].metadata["hash"])

    async def recent(self, hours: int = 1000, namespace: str | None = None) -> FactPage:
        since = self.clock.now() - timedelta(hours=hours)
        question = RecentFacts(since=since, after=0, upto=None, namespace=namespace, limit=1000)
        return await self.queries.recent(question)


@pytest.fixture
async def log() -> Log:
    """A lab with two incarnations, and another lab in between."""
    log = Log()
    await log.happen(LAB, created("lab-1", uid="first"), RESTARTED)
    await log.happen(OTHER, created("lab-2", namespace="class-b", uid="other"))
    await log.happen(LAB, GONE, created("lab-1", uid="second"), RESTARTED)
    return log


async def test_each_fact_is_about_its_own_incarnation(log: Log) -> None:
    page = await log.recent()
    assert _told(page) == [
        (1, "first"),
        (2, "first"),
        (3, "other"),
        (4, "first"),
        (5, "second"),
        (6, "second"),
    ]
    assert page.position == 6


async def test_the_newest_facts_are_those_since_a_time(log: Log) -> None:
    assert _told(await log.recent(hours=1)) == [
        (3, "other"),
        (4, "first"),
        (5, "second"),
        (6, "second"),
    ]
    assert _told(await log.recent(hours=1, namespace="class-b")) == [(3, "other")]


async def test_what_is_asked_of_the_newest_is_all_that_is_told(log: Log) -> None:
    question = RecentFacts(since=NOW, after=0, upto=5, namespace="class-a", limit=2)
    assert _told(await log.queries.recent(question)) == [(4, "first"), (5, "second")]


async def test_what_was_told_before_is_left_out(log: Log) -> None:
    question = RecentFacts(since=NOW, after=4, upto=None, namespace=None, limit=9)
    assert _told(await log.queries.recent(question)) == [(5, "second"), (6, "second")]
    page = await log.queries.of_lab(FactsOfLab(key=LAB, after=5, upto=None, limit=9))
    assert _told(page) == [(6, "second")]


async def test_a_lab_has_its_facts_however_old_they_are(log: Log) -> None:
    page = await log.queries.of_lab(FactsOfLab(key=LAB, after=0, upto=None, limit=4))
    assert _told(page) == [(2, "first"), (4, "first"), (5, "second"), (6, "second")]


async def test_facts_follow_in_slices(log: Log) -> None:
    first = await log.queries.after(FactsAfter(position=1, upto=5, limit=2))
    assert (_told(first), first.position) == ([(2, "first"), (3, "other")], 3)
    rest = await log.queries.after(FactsAfter(position=3, upto=5, limit=9))
    assert (_told(rest), rest.position) == ([(4, "first"), (5, "second")], 5)


async def test_one_fact_is_found_by_its_place(log: Log) -> None:
    fact = await log.queries.get(GetFact(key=LAB, version=4))
    assert fact is not None
    assert (fact.key, fact.uid, fact.recorded.position) == (LAB, "second", 5)
    assert await log.queries.get(GetFact(key=LAB, version=6)) is None


async def test_a_position_that_was_never_reached_is_refused(log: Log) -> None:
    with pytest.raises(ResourceVersionTooLarge):
        await log.queries.of_lab(FactsOfLab(key=LAB, after=0, upto=7, limit=1))


async def test_along_a_stream_no_event_is_read_twice(log: Log) -> None:
    await log.happen(OTHER, *[RESTARTED] * 100)
    log.store.read = 0
    for version in range(2, 102):
        await log.queries.get(GetFact(key=OTHER, version=version))
    assert log.store.read <= 100 + 100


def _told(page: FactPage) -> list[tuple[int, str]]:
    return [_place(fact) for fact in page.facts]


def _place(fact: LabFact) -> tuple[int, str]:
    return fact.recorded.position, fact.uid
