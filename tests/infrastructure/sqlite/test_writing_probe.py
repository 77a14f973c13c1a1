"""A probe of writing meets what an append would meet, and leaves next to nothing behind."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from application.ports.checkpoints import Checkpoint
from application.ports.event_store import EventStoreUnavailable
from infrastructure.sqlite.checkpoints import SqliteCheckpoints
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.writing_probe import probe_writing
from tests.contracts.given import SettableClock

_FIRST_FREE_PAGE = slice(32, 36)


def damage_free_pages(path: Path) -> None:
    """Free some pages, and make nonsense of the first page of the list of them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        for number in range(400):
            values = ("k", str(number), "n" * 900, str(number))
            file.execute("INSERT INTO labels VALUES (?, ?, ?, ?)", values)
        file.execute("DELETE FROM labels")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [size] = file.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    page = int.from_bytes(content[_FIRST_FREE_PAGE])
    assert page
    content[(page - 1) * size : page * size] = b"\xa7" * size
    path.write_bytes(content)


async def test_a_probe_costs_the_file_the_same_however_often_it_is_made(path: Path) -> None:
    database = SqliteDatabase.open(path, clock=SettableClock())
    for _ in range(3):
        await probe_writing(database)
    size_of_file = "PRAGMA page_count"
    before = database.read(lambda file: file.execute(size_of_file).fetchone())
    for _ in range(10):
        await probe_writing(database)
    assert database.read(lambda file: file.execute(size_of_file).fetchone()) == before
    await database.close()


async def test_a_damaged_list_of_free_pages_is_met_where_rewriting_a_row_meets_none(
    path: Path,
) -> None:
    await SqliteDatabase.open(path, clock=SettableClock()).close()
    damage_free_pages(path)
    database = SqliteDatabase.open(path, clock=SettableClock())
    await SqliteCheckpoints(database).save("one row", Checkpoint(position=1, origin=""))
    with pytest.raises(EventStoreUnavailable, match="malformed"):
        await probe_writing(database)
    await database.close()


async def test_a_full_disk_is_met(path: Path) -> None:
    def small(at: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(at, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA max_page_count = 1")  # as many as there are
        return connection

    await SqliteDatabase.open(path, clock=SettableClock()).close()
    database = SqliteDatabase.open(path, clock=SettableClock(), connector=small)
    with pytest.raises(EventStoreUnavailable, match="the disk is full"):
        await probe_writing(database)
    await database.close()
