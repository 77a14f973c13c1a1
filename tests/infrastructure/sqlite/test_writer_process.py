"""The writer in a process of its own: lost, stopped or flooded, nothing acknowledged is."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from application.ports.event_store import (
    EMPTY,
    CaughtUp,
    EventStoreUnavailable,
    RecordedEvent,
)
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from tests.contracts.given import SettableClock, append_numbered, new, numbered
from tests.infrastructure.sqlite.reading import STREAM, everything, items

SERVICE = """
import asyncio, os, sys
from pathlib import Path
from application.ports.event_store import EMPTY
from infrastructure.data_directory.claim import DataDirectory
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from tests.contracts.given import SettableClock, new
from tests.infrastructure.sqlite.test_writer_process import writer_of

async def main():
    held = DataDirectory.claim(Path(sys.argv[1]))
    database = SqliteDatabase.open_apart(
        held.path / "lab.db", clock=SettableClock(), held=held.lock
    )
    await SqliteEventStore(database).append("first", [new()], expected=EMPTY)
    print(writer_of(os.getpid()), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def writers_of(process: int) -> list[int]:
    """The writers that it has started and that have not ended."""
    lists = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
    children = [child for listed in lists for child in listed.split()]
    return [int(each) for each in children if b"writer_child" in _command_of(each)]


def _command_of(process: str) -> bytes:
    with suppress(OSError):  # it has ended meanwhile
        return Path("/proc", process, "cmdline").read_bytes()
    return b""


def writer_of(process: int) -> int:
    """The one writer of the process."""
    [writer] = writers_of(process)
    return writer


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    opened = SqliteDatabase.open_apart(path, clock=SettableClock())
    yield opened
    await opened.close()


async def test_a_killed_writer_is_started_again_and_nothing_acknowledged_is_lost(
    store: SqliteEventStore,
) -> None:
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        assert await items(subscription, 1) == [CaughtUp(position=0)]
        acknowledged = list(await append_numbered(store, STREAM, 2))
        writer = writer_of(os.getpid())
        os.kill(writer, signal.SIGSTOP)
        attempts = [
            asyncio.create_task(store.append(f"{STREAM}{n}", [numbered(n)], expected=EMPTY))
            for n in range(3)
        ]
        await asyncio.sleep(0.05)
        os.kill(writer, signal.SIGKILL)

        outcomes = await asyncio.gather(*attempts, return_exceptions=True)
        acknowledged += await append_numbered(store, "goes on", 1)

        assert {type(one) for one in outcomes} == {EventStoreUnavailable}
        assert await everything(store) == acknowledged
        received = await items(subscription, 4)
    told = [one for one in received if isinstance(one, RecordedEvent)]
    assert told == acknowledged
    assert writer_of(os.getpid()) != writer


async def test_a_writer_that_cannot_be_started_again_is_told_and_tried_each_time(
    store: SqliteEventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await append_numbered(store, STREAM, 1)
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        os.kill(writer_of(os.getpid()), signal.SIGKILL)
        for number in range(2):
            with pytest.raises(EventStoreUnavailable):
                await store.append(f"lost-{number}", [new()], expected=EMPTY)
            await asyncio.sleep(0.05)

    assert len(await append_numbered(store, "goes on", 1)) == 1


async def test_signals_for_the_whole_group_do_not_end_the_writer(store: SqliteEventStore) -> None:
    await append_numbered(store, STREAM, 1)
    writer = writer_of(os.getpid())

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(writer, number)

    assert len(await append_numbered(store, "goes on", 1)) == 1
    assert writer_of(os.getpid()) == writer


async def test_a_batch_larger_than_the_socket_holds_is_written_all_the_same(
    store: SqliteEventStore,
) -> None:
    large = "x" * 300_000
    await asyncio.gather(
        *[store.append(f"{STREAM}{n}", [new(note=large)], expected=EMPTY) for n in range(40)]
    )

    assert len(await everything(store)) == 40


async def test_closing_waits_for_what_was_asked_before(path: Path) -> None:
    database = SqliteDatabase.open_apart(path, clock=SettableClock())
    store = SqliteEventStore(database)
    attempts = [
        asyncio.create_task(store.append(f"{STREAM}{n}", [new()], expected=EMPTY))
        for n in range(50)
    ]
    await asyncio.sleep(0)

    await database.close()

    assert len(await asyncio.gather(*attempts)) == 50
    assert writers_of(os.getpid()) == []
