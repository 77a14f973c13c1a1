"""Copying into a server over a network that is not perfect."""

import pytest

from application.ports.event_store import EMPTY, StreamConflict
from infrastructure.codec.stored_event import StoredEvent
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.kurrentdb.event_store import KurrentDBEventStore
from infrastructure.kurrentdb.raw_log import open_raw_log
from tests.contracts.given import SettableClock, new
from tests.infrastructure.kurrentdb.arrangement import STREAM
from tests.kurrentdb_server.server import KurrentDBServer, serving


async def stored(store: KurrentDBEventStore) -> list[StoredEvent]:
    """What a log holds, in its stored form."""
    return [one async for one in store.read_stored(after=0)]


@pytest.mark.parametrize("fault", ["failures_before_commit", "lost_replies", "silent_appends"])
async def test_events_arrive_once_and_whole_although_an_append_fails(
    store: KurrentDBEventStore, clock: SettableClock, fault: str
) -> None:
    await store.append(STREAM, [new(), new(), new()], expected=EMPTY)
    history = await stored(store)

    async with (
        serving(KurrentDBServer(clock=clock)) as target,
        open_raw_log(target.uri, clock=clock) as raw_log,
    ):
        setattr(target.faults, fault, 1)
        await raw_log.append(history)

        assert [one async for one in raw_log.read(after=0)] == history
        assert len(target.streams.batches) == 2


async def test_a_target_that_somebody_else_has_written_to_is_told(
    store: KurrentDBEventStore, clock: SettableClock
) -> None:
    await store.append(STREAM, [new()], expected=EMPTY)
    history = await stored(store)

    async with (
        serving(KurrentDBServer(clock=clock)) as target,
        open_kurrentdb(target.uri, clock=clock) as other,
        open_raw_log(target.uri, clock=clock) as raw_log,
    ):
        await other.append(STREAM, [new()], expected=EMPTY)
        with pytest.raises(StreamConflict):
            await raw_log.append(history)
