"""What the real client sees of the server over TCP."""

import asyncio
from uuid import uuid4

import pytest
from kurrentdbclient import AsyncKurrentDBClient, NewEvent, RecordedEvent, StreamState
from kurrentdbclient.events import NewEvents, NewRecord
from kurrentdbclient.exceptions import (
    GrpcError,
    InvalidCommitPositionError,
    MaximumAppendSizeExceededError,
    NotFoundError,
    ServiceUnavailableError,
    StreamIsDeletedError,
    WrongCurrentVersionError,
)

from tests.kurrentdb_server.server import KurrentDBServer


def event(type_: str = "happened", *, size: int = 2) -> NewEvent:
    return NewEvent(type=type_, data=b"x" * size, metadata=b'{"k":"v"}', id=uuid4())


async def test_appended_events_are_read_back_by_the_real_client(
    client: AsyncKurrentDBClient,
) -> None:
    sent = [event(), event()]
    position = await client.append_to_stream(
        "s", events=sent, current_version=StreamState.NO_STREAM
    )

    read = await client.get_stream("s")
    assert [(one.id, one.data, one.metadata, one.type) for one in read] == [
        (one.id, one.data, one.metadata, one.type) for one in sent
    ]
    assert [one.stream_position for one in read] == [0, 1]
    assert read[-1].commit_position == position


async def test_a_wrong_version_tells_the_right_one(client: AsyncKurrentDBClient) -> None:
    with pytest.raises(WrongCurrentVersionError) as absent:
        await client.append_to_stream("s", events=[event()], current_version=3)
    await client.append_to_stream("s", events=[event()], current_version=StreamState.ANY)
    with pytest.raises(WrongCurrentVersionError) as present:
        await client.append_to_stream("s", events=[event()], current_version=3)

    assert absent.value.actual_version is StreamState.NO_STREAM
    assert present.value.actual_version == 0


async def test_streams_are_read_both_ways_and_in_part(client: AsyncKurrentDBClient) -> None:
    await client.append_to_stream(
        "s", events=[event() for _ in range(5)], current_version=StreamState.NO_STREAM
    )

    async def places(**how: object) -> list[int]:
        return [one.stream_position for one in await client.get_stream("s", **how)]  # type: ignore[arg-type]

    assert await places(stream_position=3) == [3, 4]
    assert await places(backwards=True) == [4, 3, 2, 1, 0]
    assert await places(stream_position=1, backwards=True) == [1, 0]
    assert await places(limit=2) == [0, 1]
    assert await places(stream_position=9) == []
    with pytest.raises(NotFoundError):
        await client.get_stream("t")


async def test_the_log_is_read_from_a_place_on_and_backwards_from_before_it(
    client: AsyncKurrentDBClient,
) -> None:
    for name in ("s", "t", "u"):
        await client.append_to_stream(
            name, events=[event(f"of-{name}")], current_version=StreamState.NO_STREAM
        )
    everything = await _all(client)
    middle = everything[1].commit_position

    assert [one.stream_name for one in everything] == ["s", "t", "u"]
    assert await _all(client, commit_position=middle) == everything[1:]
    assert await _all(client, commit_position=middle, backwards=True) == everything[:1]
    assert await _all(client, backwards=True) == everything[::-1]
    assert await _all(client, filter_include=["of-t"]) == everything[1:2]
    assert (
        await _all(client, filter_include=["u"], filter_by_prefix=True, filter_by_stream_name=True)
        == everything[2:]
    )
    with pytest.raises(InvalidCommitPositionError):
        await _all(client, commit_position=middle + 1)


async def test_a_regular_expression_of_several_is_not_grouped_by_the_client(
    client: AsyncKurrentDBClient,
) -> None:
    await client.append_to_stream(
        "s", events=[event("a-and-more"), event("b")], current_version=StreamState.NO_STREAM
    )

    assert [one.type for one in await _all(client, filter_include=["a", "b"])] == [
        "a-and-more",
        "b",
    ]
    assert [one.type for one in await _all(client, filter_include=["(?:a|b)"])] == ["b"]


async def test_a_subscription_delivers_history_then_says_so_then_what_comes(
    client: AsyncKurrentDBClient,
) -> None:
    await client.append_to_stream(
        "s", events=[event(), event()], current_version=StreamState.NO_STREAM
    )
    first = (await _all(client))[0]
    async with await client.subscribe_to_all(
        commit_position=first.commit_position, include_caught_up=True
    ) as subscription:
        received = [await anext(subscription) for _ in range(2)]
        await client.append_to_stream("t", events=[event()], current_version=StreamState.ANY)
        received.append(await anext(subscription))

    assert [one.stream_name for one in received] == ["s", "", "t"]
    assert received[1].is_caught_up
    assert received[1].commit_position == received[0].commit_position


async def test_a_deleted_stream_is_not_found_and_a_tombstone_is_for_ever(
    client: AsyncKurrentDBClient,
) -> None:
    await client.append_to_stream("s", events=[event()], current_version=StreamState.NO_STREAM)
    await client.delete_stream("s", current_version=0)
    with pytest.raises(NotFoundError):
        await client.get_stream("s")
    await client.append_to_stream("s", events=[event()], current_version=StreamState.NO_STREAM)
    assert [one.stream_position for one in await client.get_stream("s")] == [1]

    await client.tombstone_stream("s", current_version=1)
    with pytest.raises(StreamIsDeletedError):
        await client.get_stream("s")
    with pytest.raises(StreamIsDeletedError):
        await client.append_to_stream("s", events=[event()], current_version=StreamState.ANY)


async def test_an_append_that_is_too_large_is_refused(client: AsyncKurrentDBClient) -> None:
    with pytest.raises(MaximumAppendSizeExceededError):
        await client.append_to_stream(
            "s", events=[event(size=1024 * 1024)], current_version=StreamState.NO_STREAM
        )


async def test_a_generator_that_is_sent_again_is_empty_and_the_client_reports_success(
    client: AsyncKurrentDBClient, server: KurrentDBServer
) -> None:
    server.faults.failures_before_commit = 1

    await client.append_to_stream(
        "s", events=(event() for _ in range(3)), current_version=StreamState.NO_STREAM
    )

    assert server.log.records == []


async def test_a_server_that_is_stopped_breaks_what_is_open_and_can_listen_there_again(
    client: AsyncKurrentDBClient, server: KurrentDBServer
) -> None:
    subscription = await client.subscribe_to_all()
    port = server.port
    await server.stop()
    with pytest.raises(ServiceUnavailableError):
        await anext(subscription)
    await server.start()

    assert server.port == port
    async with asyncio.timeout(10):
        await client.append_to_stream("s", events=[event()], current_version=StreamState.ANY)


async def _all(client: AsyncKurrentDBClient, **how: object) -> list[RecordedEvent]:
    return [one async for one in await client.read_all(**how)]  # type: ignore[arg-type]


async def test_calls_that_came_after_23_10_are_unknown(client: AsyncKurrentDBClient) -> None:
    several = NewEvents("s", events=[event()], current_version=StreamState.NO_STREAM)
    record = NewRecord("s", type="happened", data=b"{}")

    for refused in await asyncio.gather(
        client.multi_append_to_stream([several]),
        client.append_records([record]),
        return_exceptions=True,
    ):
        assert isinstance(refused, GrpcError)
        assert "StatusCode.UNIMPLEMENTED" in str(refused)
