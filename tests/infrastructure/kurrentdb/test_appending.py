"""Appends over a network: replies get lost, servers refuse, and nothing is stored twice."""

import asyncio

import grpc
import pytest
from kurrentdbclient import AsyncKurrentDBClient

from application.ports.event_store import (
    EMPTY,
    AppendTooLarge,
    EventStoreUnavailable,
    StreamConflict,
    Tip,
)
from infrastructure.codec.chain import verify
from infrastructure.kurrentdb.errors import LARGEST_APPEND
from infrastructure.kurrentdb.event_store import KurrentDBEventStore
from infrastructure.kurrentdb.wire import to_stored
from tests.contracts.given import SettableClock, append_numbered, created, new, numbered, tip_after
from tests.infrastructure.kurrentdb.arrangement import STREAM, everything
from tests.kurrentdb_server.records import NO_STREAM
from tests.kurrentdb_server.server import KurrentDBServer


async def test_an_append_that_failed_before_the_commit_is_sent_again_with_all_its_events(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    server.faults.failures_before_commit = 1

    recorded = await store.append(STREAM, [new(), new()], expected=EMPTY)

    assert [one.version for one in recorded] == [1, 2]
    assert await everything(store) == list(recorded)
    assert {len(batch.proposed_messages) for batch in server.streams.batches} == {2}


@pytest.mark.parametrize("events", [1, 2])
async def test_an_append_whose_reply_was_lost_is_stored_once_and_answered(
    store: KurrentDBEventStore, server: KurrentDBServer, events: int
) -> None:
    server.faults.lost_replies = 1

    recorded = await store.append(STREAM, [new() for _ in range(events)], expected=EMPTY)

    assert len(server.streams.batches) == 2
    assert await everything(store) == list(recorded)


async def test_an_append_that_ends_without_a_reply_is_asked_for_again(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    server.faults.silent_appends = 1

    recorded = await store.append(STREAM, [new()], expected=EMPTY)

    assert len(server.streams.batches) == 2
    assert await everything(store) == list(recorded)


async def test_a_reply_lost_for_good_is_made_up_for_by_a_repeat(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    server.faults.lost_replies = 10_000
    wanted = [new(created("lab-1"), actor="ada")]
    with pytest.raises(EventStoreUnavailable):
        await store.append(STREAM, wanted, expected=EMPTY)
    server.faults.lost_replies = 0

    [recorded] = await store.append(STREAM, wanted, expected=EMPTY)

    assert await everything(store) == [recorded]


async def test_a_repeat_that_would_store_something_else_is_answered_with_what_is_stored(
    store: KurrentDBEventStore, server: KurrentDBServer, clock: SettableClock
) -> None:
    first = numbered(1)
    [recorded] = await store.append(STREAM, [first], expected=EMPTY)
    clock.at = clock.at.replace(hour=23)

    changed = new(created("lab-1"), actor="another process, later")
    repeat = type(first)(id=first.id, event=changed.event, metadata=changed.metadata)
    [answered] = await store.append(STREAM, [repeat], expected=EMPTY)
    await store.append(STREAM, [new()], expected=tip_after([answered]))

    assert answered == recorded
    assert len(server.log.records) == 2


async def test_the_chain_of_hashes_holds_over_what_the_server_stored(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    recorded = await append_numbered(store, STREAM, 3)
    async with AsyncKurrentDBClient(server.uri) as client:
        stored = [
            to_stored(record, record.commit_position + 1)
            for record in await client.get_stream(STREAM)
        ]

    assert verify(stored) == tip_after(recorded)
    assert [one.id for one in stored] == [one.id for one in recorded]


async def test_a_server_that_stays_away_is_told_within_the_patience(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    await server.stop()
    started = asyncio.get_running_loop().time()

    with pytest.raises(EventStoreUnavailable, match="ServiceUnavailableError"):
        await store.append(STREAM, [new()], expected=EMPTY)

    assert asyncio.get_running_loop().time() - started < 3


async def test_a_server_that_takes_calls_and_never_answers_is_told_within_the_patience(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    wanted = [new()]
    server.faults.held.set()
    started = asyncio.get_running_loop().time()

    with pytest.raises(EventStoreUnavailable):
        await store.append(STREAM, wanted, expected=EMPTY)

    assert asyncio.get_running_loop().time() - started < 3
    server.faults.held.clear()
    assert await store.append(STREAM, wanted, expected=EMPTY)


async def test_appends_go_on_after_the_server_was_started_again(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    recorded = await append_numbered(store, STREAM, 1)
    await server.stop()
    waiting = asyncio.create_task(
        store.append(STREAM, [numbered(2)], expected=tip_after(recorded))
    )
    await asyncio.sleep(0.5)
    await server.start()

    recorded += await waiting
    assert await everything(store) == recorded


@pytest.mark.parametrize(
    "failure",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
    ],
)
async def test_a_failure_that_may_pass_is_outlasted(
    store: KurrentDBEventStore, server: KurrentDBServer, failure: grpc.StatusCode
) -> None:
    server.faults.failure = failure
    server.faults.failures_before_commit = 2

    assert await store.append(STREAM, [new()], expected=EMPTY)


@pytest.mark.parametrize(
    "failure",
    [
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.FAILED_PRECONDITION,
    ],
)
async def test_every_other_failure_is_one_that_the_service_knows(
    store: KurrentDBEventStore, server: KurrentDBServer, failure: grpc.StatusCode
) -> None:
    server.faults.failure = failure
    server.faults.failures_before_commit = 10_000

    with pytest.raises(EventStoreUnavailable):
        await store.append(STREAM, [new()], expected=EMPTY)
    assert len(server.log.records) == 0


async def test_a_node_that_does_not_lead_refuses_and_nothing_is_stored(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    server.faults.is_follower = True

    with pytest.raises(EventStoreUnavailable, match="NodeIsNotLeader"):
        await store.append(STREAM, [new()], expected=EMPTY)

    assert len(server.log.records) == 0


async def test_events_too_large_for_a_server_are_refused_before_they_are_sent(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    large = new(actor="x" * LARGEST_APPEND)

    with pytest.raises(AppendTooLarge, match="1,048,576 bytes"):
        await store.append(STREAM, [large], expected=EMPTY)

    assert server.streams.batches == []


async def test_a_server_that_takes_less_refuses_what_is_too_large_for_it(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    server.streams.largest_append = 10

    with pytest.raises(AppendTooLarge):
        await store.append(STREAM, [new()], expected=EMPTY)


async def test_a_server_that_takes_smaller_events_refuses_what_is_too_large_for_it(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    server.streams.largest_event = 1000

    with pytest.raises(AppendTooLarge):
        await store.append(STREAM, [new(actor="x" * 1000)], expected=EMPTY)
    assert len(server.streams.batches) == 1


async def test_a_stream_that_somebody_closed_for_ever_takes_nothing(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    await append_numbered(store, STREAM, 1)
    server.log.tombstone(STREAM, 0)

    with pytest.raises(EventStoreUnavailable, match="deleted the stream for ever"):
        await store.append(STREAM, [new()], expected=Tip(1, ""))
    with pytest.raises(EventStoreUnavailable, match="deleted the stream for ever"):
        await anext(store.read_stream(STREAM))


async def test_the_later_of_two_processes_at_one_tip_learns_of_the_other(
    store: KurrentDBEventStore, server: KurrentDBServer
) -> None:
    server.log.append(STREAM, NO_STREAM, [])
    [one] = await append_numbered(store, STREAM, 1)

    with pytest.raises(StreamConflict) as conflict:
        await store.append(STREAM, [new()], expected=EMPTY)

    assert (conflict.value.actual, one.version) == (1, 1)


async def test_a_cancelled_append_disturbs_nobody(store: KurrentDBEventStore) -> None:
    gone = asyncio.create_task(store.append(STREAM, [numbered(1)], expected=EMPTY))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone

    [again] = await store.append(STREAM, [numbered(1)], expected=EMPTY)

    assert again.version == 1
    assert await everything(store) == [again]
