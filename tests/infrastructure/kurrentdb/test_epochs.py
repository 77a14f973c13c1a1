"""A server that was set back gives its places again; what stood there before is known as lost."""

from contextlib import aclosing

from application.ports.event_store import EMPTY
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.kurrentdb.epochs import Epoch, Epochs
from infrastructure.kurrentdb.event_store import KurrentDBEventStore
from tests.contracts.given import SettableClock, append_numbered, new, tip_after
from tests.infrastructure.kurrentdb.arrangement import PATIENCE, STREAM, everything, items
from tests.kurrentdb_server.server import KurrentDBServer

_EPOCH = 2**43


async def test_a_version_of_a_lost_time_line_is_lost_where_a_record_begins_at_it_now(
    store: KurrentDBEventStore, server: KurrentDBServer, clock: SettableClock
) -> None:
    first, lost = await append_numbered(store, STREAM, 2)
    server.log.set_back(1)
    async with open_kurrentdb(server.uri, clock=clock, patience=PATIENCE) as later:
        [before] = await later.append(STREAM, [new()], expected=tip_after([first]))
        assert before.position == lost.position, "it has gone on, and a record begins there"

        assert await later.begin_epoch(given=lost.position, reason="a test") == 1

        [_, again] = await everything(later)
        assert (again.id, again.position) == (before.id, before.position + _EPOCH)
        [next_] = await later.append(STREAM, [new()], expected=tip_after([again]))
        assert [each.position for each in await everything(later)] == [
            first.position,
            again.position,
            next_.position,
        ]
        held = {0: False, first.position: False, lost.position: True, again.position: False}
        assert {each: await later.is_lost(each) for each in held} == held
        assert await later.head() == next_.position


async def test_events_of_all_epochs_are_read_in_the_order_of_their_positions(
    store: KurrentDBEventStore, server: KurrentDBServer, clock: SettableClock
) -> None:
    first, second = await append_numbered(store, STREAM, 2)
    await store.begin_epoch(given=0, reason="a test")
    await store.append("labinstance-a/b", [new()], expected=EMPTY)
    assert await store.begin_epoch(given=5 * _EPOCH, reason="given by a log that is lost") == 6
    async with open_kurrentdb(server.uri, clock=clock, patience=PATIENCE) as later:
        for log in (store, later):
            events = await everything(log)
            assert [each.position // _EPOCH for each in events] == [0, 6, 6]
            assert events[0] == first
            assert [each async for each in log.read_stream(STREAM)] == events[:2]
            assert [each async for each in log.read_back()] == events[::-1]
            for after in (first.position, second.position, _EPOCH + 9):
                async with aclosing(log.subscribe_all(after=after)) as following:
                    assert await items(following, 2) == events[1:]
            assert await log.head() == events[-1].position


def test_positions_of_an_epoch_hold_up_to_where_the_next_one_follows() -> None:
    epochs = Epochs(
        [
            Epoch(number=2, begins=100, follows=51),
            Epoch(number=3, begins=300, follows=2 * _EPOCH + 201),
        ]
    )
    assert [epochs.position_of(at) for at in (50, 100, 300)] == [
        51,
        2 * _EPOCH + 101,
        3 * _EPOCH + 301,
    ]
    held = [0, 51, 2 * _EPOCH + 201, 3 * _EPOCH + 301]
    lost = [52, 101, _EPOCH + 1, 2 * _EPOCH + 202, 4 * _EPOCH + 1]
    assert [at for at in held + lost if epochs.hold(at)] == held
    assert [epochs.commit_position_of(at) for at in (0, 51, 52, 3 * _EPOCH + 301)] == [
        None,
        50,
        None,
        300,
    ]
