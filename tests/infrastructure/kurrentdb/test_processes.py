"""Servers that are processes of their own: frozen, killed, started again."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from application.ports.event_store import (
    EMPTY,
    CaughtUp,
    EventStoreUnavailable,
    RecordedEvent,
)
from infrastructure.kurrentdb.connection import open_kurrentdb
from tests.contracts.given import SettableClock, append_numbered, new, numbered, tip_after
from tests.infrastructure.kurrentdb.arrangement import STREAM, everything, items
from tests.kurrentdb_server.process import server_process

PATIENCE = 2.0
OFTEN = "&KeepAliveInterval=300&KeepAliveTimeout=300"


async def test_a_frozen_server_is_noticed_by_those_who_only_listen_however_long_they_have(
    clock: SettableClock,
) -> None:
    with server_process() as server:
        uri = server.uri + OFTEN
        async with open_kurrentdb(uri, clock=clock, patience=PATIENCE) as store:
            subscription = store.subscribe_all(after=0)
            await items(subscription, 1)
            waiting = asyncio.create_task(items(subscription, 1))
            await asyncio.sleep(1.3)  # four signs of life later: by itself gRPC asks for two
            server.freeze()

            with pytest.raises(EventStoreUnavailable):
                await asyncio.wait_for(waiting, PATIENCE + 3)

            server.thaw()
            recorded = await store.append(STREAM, [new()], expected=EMPTY)
            live = await items(store.subscribe_all(after=0), 1)
    assert positions(live) == positions(recorded)


async def test_an_append_to_a_frozen_server_ends_in_time_and_is_stored_once_when_repeated(
    clock: SettableClock,
) -> None:
    with server_process() as server:
        async with open_kurrentdb(server.uri, clock=clock, patience=PATIENCE) as store:
            recorded = await append_numbered(store, STREAM, 1)
            server.freeze()
            started = asyncio.get_running_loop().time()
            with pytest.raises(EventStoreUnavailable):
                await store.append(STREAM, [numbered(2)], expected=tip_after(recorded))
            assert asyncio.get_running_loop().time() - started < PATIENCE + 1
            server.thaw()

            again = await store.append(STREAM, [numbered(2)], expected=tip_after(recorded))
            stored = await everything(store)
    assert positions(stored) == positions([*recorded, *again])


async def test_a_killed_server_that_comes_back_has_all_that_was_acknowledged(
    clock: SettableClock, tmp_path: Path
) -> None:
    file = tmp_path / "log.sqlite"
    with server_process(file=file) as first:
        async with open_kurrentdb(first.uri, clock=clock) as store:
            recorded = await append_numbered(store, STREAM, 3)
            async with aclosing(store.subscribe_all(after=0)) as subscription:
                received = await items(subscription, 4)
                first.kill()
                with server_process(port=first.port, file=file):
                    expected = tip_after(recorded)
                    recorded += await store.append(STREAM, [numbered(4)], expected=expected)
                    while received[-1].position < recorded[-1].position:
                        received += await items(subscription, 1)
    assert positions(received) == positions(recorded)


def positions(items: Sequence[RecordedEvent | CaughtUp]) -> list[int]:
    """Of the events alone."""
    return [item.position for item in items if isinstance(item, RecordedEvent)]
