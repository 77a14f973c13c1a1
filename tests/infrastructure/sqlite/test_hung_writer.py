"""A writer that does not answer: nobody waits for it for ever, and nothing written is lost."""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from application.ports.event_store import (
    EMPTY,
    CaughtUp,
    EventStoreUnavailable,
    RecordedEvent,
)
from infrastructure.data_directory.claim import DataDirectory, DataDirectoryInUse
from infrastructure.sqlite.connections import connect, make_ready
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.writer import Deliver
from infrastructure.sqlite.writer_process import ProcessWriter
from tests.contracts.given import SettableClock, append_numbered, new
from tests.infrastructure.sqlite.reading import STREAM, everything, items
from tests.infrastructure.sqlite.test_writer_process import SERVICE, writer_of, writers_of

PATIENCE = 1.0


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteDatabase]:
    """A database whose writer is awake: only then is there little patience with it."""
    make_ready(path, connect)
    made: list[ProcessWriter] = []

    def writer(deliver: Deliver) -> ProcessWriter:
        made.append(ProcessWriter(path, deliver, patience=60.0))
        return made[-1]

    database = SqliteDatabase(
        path, writer, clock=SettableClock(), connector=connect, live_events=10
    )
    await append_numbered(SqliteEventStore(database), STREAM, 1)
    made[0]._patience = PATIENCE
    yield database
    await database.close()


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    async with opened(path) as found:
        yield found


async def test_a_frozen_writer_is_given_up_in_time_and_writes_what_it_was_asked_when_it_thaws(
    store: SqliteEventStore,
) -> None:
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        [_, caught_up] = await items(subscription, 2)
        assert isinstance(caught_up, CaughtUp)
        writer = writer_of(os.getpid())
        os.kill(writer, signal.SIGSTOP)
        async with asyncio.timeout(20):
            for number in range(3):
                with pytest.raises(EventStoreUnavailable, match="does not answer"):
                    await store.append(f"{STREAM}-{number}", [new()], expected=EMPTY)
            assert len(await everything(store)) == 1, "reading goes on"
        os.kill(writer, signal.SIGCONT)
        await _answers(store)
        recorded = await everything(store)
        received: list[RecordedEvent] = []
        while len(received) < len(recorded) - 1:
            [item] = await items(subscription, 1)
            received += [item] if isinstance(item, RecordedEvent) else []
    assert received == recorded[1:]
    assert f"{STREAM}-0" in {one.stream for one in recorded}, "it was asked, so it is done"
    assert f"{STREAM}-2" not in {one.stream for one in recorded}, "it was not even asked"
    assert writer_of(os.getpid()) == writer


async def test_a_writer_that_stays_frozen_is_replaced(store: SqliteEventStore) -> None:
    writer = writer_of(os.getpid())
    os.kill(writer, signal.SIGSTOP)
    with pytest.raises(EventStoreUnavailable):
        await store.append("lost", [new()], expected=EMPTY)
    await _answers(store)
    assert writer_of(os.getpid()) != writer
    assert len(await everything(store)) == 2


async def test_closing_ends_although_the_writer_is_frozen(path: Path) -> None:
    async with opened(path) as database:
        store = SqliteEventStore(database)
        os.kill(writer_of(os.getpid()), signal.SIGSTOP)
        asked = asyncio.create_task(store.append("lost", [new()], expected=EMPTY))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(20):
            await database.close()
    with pytest.raises(EventStoreUnavailable):
        await asked
    assert writers_of(os.getpid()) == []


async def test_the_directory_of_a_killed_service_is_free_when_its_writer_has_ended(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", SERVICE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        writer = int(service.stdout.readline())
        with pytest.raises(DataDirectoryInUse):
            DataDirectory.claim(tmp_path)
        os.kill(writer, signal.SIGSTOP)
        service.kill()
        service.wait()
        claim = asyncio.create_task(asyncio.to_thread(DataDirectory.claim, tmp_path))
        await asyncio.sleep(0.2)
        assert not claim.done()
        os.kill(writer, signal.SIGCONT)
        (await claim).release()


async def test_a_frozen_writer_of_a_service_that_has_ended_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("infrastructure.data_directory.claim._PATIENCE", 0.3)
    monkeypatch.setattr("infrastructure.data_directory.claim._SAID_AFTER", 0.1)
    command = [sys.executable, "-c", SERVICE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        writer = int(service.stdout.readline())
        os.kill(writer, signal.SIGSTOP)
        service.kill()
        service.wait()
        with pytest.raises(DataDirectoryInUse, match=f"process {writer}, which still writes"):
            DataDirectory.claim(tmp_path)
        assert f"waiting for what a killed service still writes: {writer}," in caplog.text
        os.kill(writer, signal.SIGKILL)


async def _answers(store: SqliteEventStore) -> None:
    """Wait until an append succeeds again."""
    async with asyncio.timeout(20):
        for number in itertools.count():
            try:
                await store.append(f"again-{number}", [new()], expected=EMPTY)
            except EventStoreUnavailable:
                await asyncio.sleep(0.05)
            else:
                return
