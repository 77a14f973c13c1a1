"""Subscriptions over a network: interruptions are bridged, outages are told."""

import asyncio
from contextlib import aclosing

import grpc
import pytest

from application.ports.event_store import EMPTY, CaughtUp, EventStoreUnavailable
from infrastructure.kurrentdb.event_store import KurrentDBEventStore
from tests.contracts.given import append_numbered, new
from tests.infrastructure.kurrentdb.arrangement import (
    STREAM,
    foreign,
    items,
    subscribed_at,
)
from tests.kurrentdb_server.server import KurrentDBServer


@pytest.mark.parametrize(
    "failure",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.OK,
    ],
)
async def test_a_stream_that_breaks_goes_on_after_the_last_event_it_delivered(
    store: KurrentDBEventStore, server: KurrentDBServer, failure: grpc.StatusCode
) -> None:
    recorded = await append_numbered(store, STREAM, 6)
    server.faults.failure = failure
    server.faults.details = "Consumer too slow"
    server.faults.cut_after, server.faults.cuts = 2, 2

    async with aclosing(store.subscribe_all(after=0)) as subscription:
        assert await items(subscription, 6) == recorded

    begun = [recorded[1].position - 1, recorded[3].position - 1]
    assert subscribed_at(server)[-3:] == [None, *begun]


async def test_a_restart_of_the_server_is_bridged_without_gap_or_repetition(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        recorded = await append_numbered(store, STREAM, 2)
        received = await items(subscription, 3)
        waiting = asyncio.create_task(items(subscription, 2))
        await server.stop()
        await asyncio.sleep(0.3)
        await server.start()
        [third] = await store.append(f"{STREAM}-2", [new()], expected=EMPTY)
        received += await waiting
        while not isinstance(received[-1], CaughtUp):
            received += await items(subscription, 1)

    assert [one for one in received if not isinstance(one, CaughtUp)] == [*recorded, third]


async def test_a_server_that_stays_away_is_told_and_the_next_subscription_goes_on(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    recorded = await append_numbered(store, STREAM, 1)
    subscription = store.subscribe_all(after=0)
    await items(subscription, 2)
    await server.stop()

    with pytest.raises(EventStoreUnavailable):
        await items(subscription, 1)

    await server.start()
    assert await items(store.subscribe_all(after=recorded[0].position), 1) == [
        CaughtUp(position=recorded[0].position)
    ]


async def test_a_server_that_never_confirms_is_told(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    server.faults.held.set()

    with pytest.raises(EventStoreUnavailable, match="does not confirm"):
        await items(store.subscribe_all(after=0), 1)


async def test_checkpoints_between_events_of_others_move_the_place_to_go_on_from(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    [first] = await append_numbered(store, STREAM, 1)
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        assert await items(subscription, 2) == [first, CaughtUp(position=first.position)]
        for _ in range(2):
            foreign(server, 80)
            await asyncio.sleep(0.05)
        [moved] = await items(subscription, 1)
        assert isinstance(moved, CaughtUp)
        assert moved.position > first.position
        await server.stop()
        await server.start()
        await items(subscription, 1)

    assert subscribed_at(server)[-1] == moved.position - 1


async def test_a_checkpoint_after_the_server_fell_behind_says_nothing_either(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        await items(subscription, 1)
        foreign(server, 200)
        [moved] = await items(subscription, 1)

    assert isinstance(moved, CaughtUp)
    assert moved.position - 1 in [record.position for record in server.log.records[100:]]


async def test_a_checkpoint_within_the_history_does_not_say_that_all_of_it_was_delivered(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    foreign(server, 200)
    [first] = await append_numbered(store, STREAM, 1)

    async with aclosing(store.subscribe_all(after=0)) as subscription:
        assert await items(subscription, 2) == [first, CaughtUp(position=first.position)]


async def test_a_server_that_has_caught_up_moves_nothing_back(store: KurrentDBEventStore) -> None:
    recorded = await append_numbered(store, STREAM, 2)
    head = recorded[-1].position

    assert await items(store.subscribe_all(after=0), 3) == [*recorded, CaughtUp(position=head)]
    assert await items(store.subscribe_all(after=head), 1) == [CaughtUp(position=head)]


async def test_a_subscriber_that_falls_behind_is_told_when_it_has_caught_up_again(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        assert await items(subscription, 1) == [CaughtUp(position=0)]
        recorded = await store.append(STREAM, [new() for _ in range(150)], expected=EMPTY)

        received = await items(subscription, 151)

    news = [one for one in received if isinstance(one, CaughtUp)]
    assert [one for one in received if one not in news] == list(recorded)
    assert news == [CaughtUp(position=recorded[-2].position)], "said amidst an append"


async def test_a_position_in_the_future_waits_for_it(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    [*_, last] = await append_numbered(store, STREAM, 2)
    beyond = last.position + 250

    async with aclosing(store.subscribe_all(after=beyond)) as subscription:
        assert await items(subscription, 1) == [CaughtUp(position=beyond)]
        later = list(await store.append(f"{STREAM}-2", [new(), new()], expected=EMPTY))
        expected = [one for one in later if one.position > beyond]
        assert expected
        assert await items(subscription, len(expected)) == expected


async def test_an_append_that_fails_does_not_break_subscriptions(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        await items(subscription, 1)
        server.streams.reads.clear()
        server.faults.failures_before_commit = 2
        recorded = await store.append(STREAM, [new()], expected=EMPTY)

        assert await items(subscription, 1) == list(recorded)
    assert subscribed_at(server) == []


async def test_a_subscription_can_be_cancelled_at_any_time(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    for moment in (0, 0.005, 0.02, 0.2):
        waiting = asyncio.create_task(items(store.subscribe_all(after=0), 2))
        await asyncio.sleep(moment)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(waiting, 2)
