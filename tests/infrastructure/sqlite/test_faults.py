"""Disks that fail and writers that crash: nothing unsaid, nobody waits, all goes on after."""

import asyncio
import sqlite3
from contextlib import aclosing
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
from infrastructure.sqlite.statements import Statements
from tests.contracts.given import SettableClock, append_numbered, new, numbered
from tests.infrastructure.sqlite.faulty import Disk
from tests.infrastructure.sqlite.reading import STREAM, everything, items

FULL = sqlite3.OperationalError("database or disk is full")
BROKEN = sqlite3.OperationalError("disk I/O error")


@pytest.mark.parametrize("statement", ["BEGIN", "INSERT INTO events", "COMMIT"])
@pytest.mark.parametrize("error", [FULL, BROKEN])
async def test_a_disk_that_cannot_be_written_acknowledges_nothing_and_recovers(
    store: SqliteEventStore, disk: Disk, statement: str, error: sqlite3.Error
) -> None:
    recorded = await append_numbered(store, STREAM, 2)
    disk.break_at(statement, error)
    attempts = [store.append(f"{STREAM}{n}", [numbered(n)], expected=EMPTY) for n in range(5)]

    outcomes = await asyncio.gather(*attempts, return_exceptions=True)

    assert {type(one) for one in outcomes} == {EventStoreUnavailable}
    assert {str(one) for one in outcomes} == {f"the event store is unavailable: {error}"}
    assert await everything(store) == recorded
    disk.heal()
    repeats = [store.append(f"{STREAM}{n}", [numbered(n)], expected=EMPTY) for n in range(5)]
    for fresh in await asyncio.gather(*repeats):
        recorded += fresh
    assert await everything(store) == recorded


@pytest.mark.parametrize("error", [MemoryError("no memory"), SystemExit("out of order")])
async def test_no_crash_of_the_writer_leaves_a_caller_waiting(
    store: SqliteEventStore, disk: Disk, error: BaseException
) -> None:
    disk.break_at("COMMIT", error)

    async with asyncio.timeout(10):
        attempts = [store.append(f"{STREAM}{n}", [new()], expected=EMPTY) for n in range(3)]
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)

    assert {type(one) for one in outcomes} == {EventStoreUnavailable}
    disk.heal()
    assert await append_numbered(store, STREAM, 1)


async def test_a_page_limit_is_a_full_disk(path: Path) -> None:
    def small(at: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(at, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA max_page_count = 60")
        return connection

    database = SqliteDatabase.open(path, clock=SettableClock(), connector=small)
    store = SqliteEventStore(database)
    outcomes = [await outcome_of_append(store, f"{STREAM}{n}") for n in range(300)]

    stored = [one for one in outcomes if one is None]
    assert 10 < len(stored) == len(await everything(store)) < 300
    assert {str(one) for one in outcomes if one} == {
        "the event store is unavailable: the disk is full (database or disk is full): make room"
    }
    await database.close()


async def outcome_of_append(store: SqliteEventStore, stream: str) -> Exception | None:
    try:
        await store.append(stream, [new(note="x" * 500)], expected=EMPTY)
    except EventStoreUnavailable as error:
        return error
    return None


async def test_a_failing_job_does_not_undo_those_of_its_batch(
    store: SqliteEventStore, database: SqliteDatabase, disk: Disk
) -> None:
    failing = Statements((("DELETE FROM followers", ()),))
    good = Statements((("UPDATE checkpoint SET position = 5", ()),))
    disk.break_at("DELETE FROM followers", ZeroDivisionError("a bug"))

    outcomes = await asyncio.gather(
        store.append(STREAM, [new()], expected=EMPTY),
        database.change_views(failing),
        database.change_views(good),
        store.append(f"{STREAM}b", [new()], expected=EMPTY),
        return_exceptions=True,
    )

    assert [isinstance(one, RuntimeError) for one in outcomes] == [False, True, False, False]
    assert len(await everything(store)) == 2
    checkpoint = database.read(
        lambda file: file.execute("SELECT position FROM checkpoint").fetchone()
    )
    assert checkpoint == (5,)


async def test_a_subscriber_misses_nothing_when_a_commit_fails(
    store: SqliteEventStore, disk: Disk
) -> None:
    async with aclosing(store.subscribe_all(after=0)) as subscription:
        assert await items(subscription, 1) == [CaughtUp(position=0)]
        disk.break_at("COMMIT", BROKEN)
        with pytest.raises(EventStoreUnavailable):
            await store.append(STREAM, [numbered(1)], expected=EMPTY)
        disk.heal()
        recorded = await append_numbered(store, STREAM, 2)

        received = await items(subscription, 3)

    assert [one for one in received if isinstance(one, RecordedEvent)] == recorded
