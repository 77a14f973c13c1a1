"""Reads over a network, in a log that others write to as well."""

import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest

from application.ports.event_store import (
    EMPTY,
    CaughtUp,
    EventStoreUnavailable,
    RecordedEvent,
    UndecodableEvent,
)
from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.kurrentdb.event_store import KurrentDBEventStore
from infrastructure.kurrentdb.wire import TYPE_PREFIXES
from tests.contracts.given import NOON, SettableClock, append_numbered, new
from tests.infrastructure.kurrentdb.arrangement import STREAM, everything, foreign, items
from tests.kurrentdb_server.server import KurrentDBServer


async def test_the_first_event_of_a_new_server_has_a_position_above_zero(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    assert await store.head() == 0

    [first] = await append_numbered(store, STREAM, 1)

    assert server.log.records[0].position == 0
    assert first.position == 1 == await store.head()
    assert await everything(store) == [first]


async def test_a_read_is_whole_although_the_client_connects_anew_in_the_middle(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    recorded = await append_numbered(store, STREAM, 3)
    server.faults.delay = 0.3
    reading = asyncio.create_task(_stream(store))
    await asyncio.sleep(0.1)
    server.faults.delay = 0.0
    server.faults.failures_before_commit = 1

    await store.append("another", [new()], expected=EMPTY)

    assert await reading == recorded


async def _stream(store: KurrentDBEventStore) -> list[RecordedEvent]:
    return [one async for one in store.read_stream(STREAM)]


async def test_only_events_of_the_service_are_delivered_and_counted(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    foreign(server, type_="$statsCollected")
    recorded = await append_numbered(store, STREAM, 2)
    foreign(server, 700)
    foreign(server, type_="my-lab-instance.created.v1")
    foreign(server, type_="lab-instances.created.v1")

    assert await everything(store) == recorded
    assert await store.head() == recorded[-1].position


async def test_the_server_filters_by_prefixes_and_never_by_an_expression(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    await append_numbered(store, STREAM, 1)
    await everything(store)
    await store.head()
    await anext(store.read_back())

    asked = [read.filter for read in server.streams.reads if read.HasField("all")]
    assert {tuple(one.event_type.prefix) for one in asked} == {TYPE_PREFIXES}
    assert {one.event_type.regex for one in asked} == {""}


async def test_events_that_a_filter_lets_through_by_mistake_are_not_taken(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    server.faults.leaks = True
    foreign(server, 3)
    recorded = await append_numbered(store, STREAM, 2)
    foreign(server, 3)

    assert await everything(store) == recorded
    assert await items(store.subscribe_all(after=0), 2) == recorded
    assert await store.head() == recorded[-1].position


async def test_the_end_is_found_without_looking_at_others_events_again(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    [recorded] = await append_numbered(store, STREAM, 1)
    async with aclosing(store.subscribe_all(after=recorded.position)) as subscription:
        await items(subscription, 1)
        for _ in range(4):
            foreign(server, 80)
            await asyncio.sleep(0.05)
        reached = (await items(subscription, 2))[-1]
        assert await store.head() == recorded.position

    assert server.streams.reads[-1].all.position.commit_position == reached.position - 1


async def test_the_end_is_found_when_another_process_has_written_much(
    store: KurrentDBEventStore, server: KurrentDBServer, clock: SettableClock
) -> None:
    await append_numbered(store, STREAM, 1)
    async with open_kurrentdb(server.uri, clock=clock) as other:
        written = await other.append(f"{STREAM}-2", [new() for _ in range(250)], expected=EMPTY)

    assert await store.head() == written[-1].position


async def test_the_end_is_found_again_when_what_was_known_is_gone(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    await append_numbered(store, STREAM, 2)
    server.log.lose_everything()
    foreign(server, 5)

    assert await store.head() == 0


async def test_a_position_that_no_event_has_is_still_a_place_between_events(
    store: KurrentDBEventStore,
) -> None:
    recorded = await append_numbered(store, STREAM, 3)
    between = recorded[0].position + 1

    assert [one async for one in store.read_all(after=between)] == recorded[1:]
    assert await items(store.subscribe_all(after=between), 2) == recorded[1:]


async def test_a_read_that_breaks_in_the_middle_is_read_again(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    recorded = await append_numbered(store, STREAM, 5)

    server.faults.halved_reads = 2
    assert [one async for one in store.read_stream(STREAM)] == recorded
    server.faults.cuts, server.faults.cut_after = 2, 2
    assert await everything(store) == recorded


async def test_a_read_that_keeps_breaking_is_a_failure_and_never_a_short_history(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    await append_numbered(store, STREAM, 5)
    server.faults.halved_reads = 10_000

    with pytest.raises(EventStoreUnavailable):
        [one async for one in store.read_stream(STREAM)]


async def test_long_histories_are_read_in_parts(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    recorded = list(await store.append(STREAM, [new() for _ in range(500)], expected=EMPTY))
    server.streams.reads.clear()

    assert [one async for one in store.read_stream(STREAM)] == recorded
    assert [one async for one in store.read_stream(STREAM, backwards=True)] == recorded[::-1]
    assert max(read.count for read in server.streams.reads) <= 100
    first = await anext(store.read_stream(STREAM, backwards=True))
    assert first == recorded[-1]
    assert server.streams.reads[-1].count < 20


async def test_times_do_not_fall_when_the_servers_clock_is_set_back(
    store: KurrentDBEventStore, clock: SettableClock
) -> None:
    for minutes in (0, 10, -60, 20):
        clock.at = NOON + timedelta(minutes=minutes)
        await store.append(f"{STREAM}-{minutes}", [new()], expected=EMPTY)

    wanted = [NOON + timedelta(minutes=minutes) for minutes in (0, 10, 10, 20)]
    assert [one.recorded_at async for one in store.read_all(after=0)] == wanted
    live = await items(store.subscribe_all(after=0), 4)
    assert [getattr(one, "recorded_at", None) for one in live] == wanted


async def test_readers_stop_at_an_event_they_cannot_decode_and_say_which(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    recorded = await append_numbered(store, STREAM, 1)
    foreign(server, type_="lab-instance.created.v1")
    await store.append(f"{STREAM}-2", [new()], expected=EMPTY)

    for read in (store.read_all(after=0), store.subscribe_all(after=0)):
        assert await items(read, 1) == recorded
        with pytest.raises(UndecodableEvent, match="does not end with a hash") as stop:
            await anext(read)
        assert (stop.value.stream, stop.value.type) == ("orders", "lab-instance.created.v1")


async def test_a_closed_store_says_so_to_all(
    server: KurrentDBServer, clock: SettableClock
) -> None:
    async with open_kurrentdb(server.uri, clock=clock) as store:
        subscription = store.subscribe_all(after=0)
        await items(subscription, 1)

    with pytest.raises(EventStoreUnavailable, match="it has been closed"):
        await store.append(STREAM, [new()], expected=EMPTY)
    with pytest.raises(EventStoreUnavailable, match="it has been closed"):
        await store.head()
    with pytest.raises(EventStoreUnavailable, match="it has been closed"):
        await items(store.read_stream(STREAM), 1)
    with pytest.raises(EventStoreUnavailable, match="it has been closed"):
        await items(subscription, 1)
    with pytest.raises(EventStoreUnavailable, match="it has been closed"):
        await items(store.subscribe_all(after=0), 1)


async def test_a_position_that_no_record_has_was_not_given_by_this_log(
    store: KurrentDBEventStore,
) -> None:
    recorded = await append_numbered(store, STREAM, 3)
    places = [0, *(one.position for one in recorded), recorded[-1].position + 5000]

    assert [await store.is_lost(place) for place in places] == [False] * 5
    assert await store.is_lost(recorded[0].position + 1)
    assert await store.is_lost(recorded[-1].position + 1)


async def test_a_new_server_is_of_use_from_the_first_start_on(
    store: KurrentDBEventStore,
) -> None:
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        assert await items(subscription, 1) == [CaughtUp(position=0)]
        [first] = await append_numbered(store, STREAM, 1)
        assert await items(subscription, 1) == [first]
        assert await store.head() == first.position
        assert await everything(store) == [first]
