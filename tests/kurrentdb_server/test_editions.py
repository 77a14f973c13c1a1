"""What servers of different releases say, as it was seen on them."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from kurrentdbclient import AsyncKurrentDBClient, Checkpoint, NewEvent, RecordedEvent, StreamState
from kurrentdbclient.exceptions import (
    ExceptionThrownByHandlerError,
    GrpcError,
    InvalidCommitPositionError,
    MaximumAppendSizeExceededError,
    UnknownError,
)

from tests.contracts.given import SettableClock
from tests.kurrentdb_server.edition import NOWHERE, Edition
from tests.kurrentdb_server.server import KurrentDBServer, serving

OURS = {"filter_include": ["of-ours"], "filter_by_prefix": True}


@pytest.fixture(params=Edition, ids=lambda edition: edition.value)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[KurrentDBServer]:
    edition: Edition = request.param
    async with serving(KurrentDBServer(clock=SettableClock(), edition=edition)) as running:
        yield running


def only(server: KurrentDBServer, *editions: Edition) -> bool:
    return server.edition in editions


async def append(client: AsyncKurrentDBClient, *types: str, size: int = 2) -> int:
    events = [NewEvent(type=one, data=b"x" * size, id=uuid4()) for one in types]
    return await client.append_to_stream("s", events=events, current_version=StreamState.ANY)


async def read(client: AsyncKurrentDBClient, **how: object) -> list[str]:
    return [one.type async for one in await client.read_all(**how)]  # type: ignore[arg-type]


async def test_a_place_without_a_record_is_refused_to_readers(
    client: AsyncKurrentDBClient, server: KurrentDBServer
) -> None:
    last = await append(client, "of-ours", "of-ours")
    filtered = UnknownError if only(server, Edition.V23_10) else InvalidCommitPositionError
    with pytest.raises(filtered):
        await read(client, commit_position=last - 1, **OURS)
    with pytest.raises(UnknownError):
        await read(client, commit_position=last - 1, filter_exclude=[])
    assert await read(client, commit_position=last + 5000, **OURS) == []
    with pytest.raises(UnknownError):
        await read(client, commit_position=last + 5000, backwards=True, **OURS)


async def test_a_place_without_a_record_is_refused_to_subscribers(
    client: AsyncKurrentDBClient, server: KurrentDBServer
) -> None:
    last = await append(client, "of-ours", "of-ours")
    expected = ExceptionThrownByHandlerError if only(server, Edition.V23_10) else GrpcError
    with pytest.raises(expected):
        await client.subscribe_to_all(commit_position=last - 1, **OURS)  # type: ignore[arg-type]
    async with await client.subscribe_to_all(
        commit_position=last + 5000,
        include_caught_up=True,
        **OURS,  # type: ignore[arg-type]
    ) as subscription:
        assert (await anext(subscription)).is_caught_up


@pytest.mark.parametrize("types", [[], ["of-others"], ["of-ours", "of-others"]])
async def test_checkpoints_at_the_end_of_a_catch_up(
    client: AsyncKurrentDBClient, server: KurrentDBServer, types: list[str]
) -> None:
    if types:
        await append(client, *types)
    places = {record.event.type: record.position for record in server.log.records}
    async with await client.subscribe_to_all(
        include_caught_up=True,
        include_checkpoints=True,
        **OURS,  # type: ignore[arg-type]
    ) as subscription:
        received: list[RecordedEvent] = []
        while not received or not received[-1].is_caught_up:
            received.append(await anext(subscription))
    told = [one.commit_position for one in received if isinstance(one, Checkpoint)]
    last = places.get("of-others")
    assert (
        told
        == {
            Edition.V23_10: [],
            Edition.V24_2: [places.get("of-ours", NOWHERE)],
            Edition.V25: [] if last is None else [last],
        }[server.edition]
    )
    assert bool(received[-1].commit_position) is (server.edition is Edition.V25 and bool(last))


async def test_metadata_counts_towards_an_append_on_the_newest_only(
    client: AsyncKurrentDBClient, server: KurrentDBServer
) -> None:
    server.streams.largest_append = 100
    event = NewEvent(type="t", data=b"x" * 100, metadata=b"y", id=uuid4())
    if only(server, Edition.V25):
        with pytest.raises(MaximumAppendSizeExceededError):
            await client.append_to_stream("s", events=[event], current_version=StreamState.ANY)
    else:
        await client.append_to_stream("s", events=[event], current_version=StreamState.ANY)
