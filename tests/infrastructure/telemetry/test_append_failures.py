"""What a measured event store remembers of appends that failed."""

import pytest

from application.ports.event_store import EMPTY, EventStoreUnavailable, StreamConflict, Tip
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.telemetry.measured_event_store import MeasuredEventStore
from infrastructure.telemetry.metrics import Metrics
from infrastructure.telemetry.positions import Positions
from tests.contracts.given import new
from tests.fakes.clock import FakeClock
from tests.fakes.event_store import TroubledEventStore


def measured(store: TroubledEventStore) -> MeasuredEventStore:
    metrics = Metrics()
    return MeasuredEventStore(store, metrics, Positions(metrics))


async def test_a_failed_append_is_remembered_until_one_succeeds() -> None:
    troubled = TroubledEventStore(MemoryEventStore(FakeClock()))
    store = measured(troubled)
    assert store.failures() == ()
    troubled.outage = "malformed"
    with pytest.raises(EventStoreUnavailable) as failure:
        await store.append("s", [new()], expected=EMPTY)
    assert store.failures() == (f"the last append failed: {failure.value}",)
    troubled.outage = ""
    await store.append("s", [new()], expected=EMPTY)
    assert store.failures() == ()


async def test_a_lost_race_is_no_failure() -> None:
    store = measured(TroubledEventStore(MemoryEventStore(FakeClock())))
    with pytest.raises(StreamConflict):
        await store.append("s", [new()], expected=Tip(3, "hash"))
    assert store.failures() == ()
