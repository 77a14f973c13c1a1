"""What the feed remembers is bounded by number and by weight; the rest comes from the log."""

from collections.abc import AsyncIterator

import pytest

from application.ports.views import LabChange
from application.projections.watch_feed import Bookmark, ChangeFeed
from domain.lab_instance.key import LabKey
from infrastructure.memory.event_store import MemoryEventStore
from tests.contracts.given import change, created
from tests.fakes.clock import FakeClock


def heavy(position: int) -> LabChange:
    """A change of a lab with ten thousand letters in a label."""
    view = created(f"lab-{position}", labels={"note": "x" * 10_000})
    return change(view, position=position)


async def replayed(*, after: int, upto: int) -> AsyncIterator[LabChange]:
    for position in range(after + 1, upto + 1):
        yield heavy(position)


async def test_heavy_changes_are_forgotten_sooner_and_watchers_miss_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("application.projections.watch_feed._HEAVIEST", 50_000)
    feed = ChangeFeed(MemoryEventStore(FakeClock()), replayed, capacity=1000, patience=1.0)
    for position in range(1, 101):
        feed.publish([heavy(position)], position=position)
        assert sum(one.weight for one in feed._recent) <= 100_000
    assert 3 <= len(feed._recent) <= 9
    seen = []
    async for item in feed.changes(after=0):
        if isinstance(item, Bookmark):
            break
        seen.append(item.key)
    assert seen == [LabKey("class-a", f"lab-{position}") for position in range(1, 101)]


def test_light_changes_are_forgotten_by_their_number() -> None:
    feed = ChangeFeed(MemoryEventStore(FakeClock()), replayed, capacity=10, patience=1.0)
    for position in range(1, 101):
        feed.publish([change(created(f"lab-{position}"), position=position)], position=position)
    assert 10 <= len(feed._recent) <= 20
    assert feed._weight == sum(one.weight for one in feed._recent)
