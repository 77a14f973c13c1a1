"""What is committed reaches the file itself while the writer goes on."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from infrastructure.sqlite.background_checkpoints import BackgroundCheckpoints
from infrastructure.sqlite.connections import connect, open_writer
from tests.fakes.virtual_time import until

ROWS = 500


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_writer(tmp_path / "file", connect)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE numbers (number INTEGER, told TEXT)")
    yield connection
    connection.close()


def insert(writer: sqlite3.Connection) -> None:
    writer.execute("BEGIN IMMEDIATE")
    writer.executemany("INSERT INTO numbers VALUES (?, ?)", [(n, "x" * 900) for n in range(ROWS)])
    writer.execute("COMMIT")


async def test_enough_of_it_is_moved_and_less_is_not(
    tmp_path: Path, writer: sqlite3.Connection
) -> None:
    file = tmp_path / "file"
    checkpoints = BackgroundCheckpoints(lambda: connect(file), every=1000)
    insert(writer)
    before = file.stat().st_size
    checkpoints.committed(999)
    await asyncio.sleep(0.1)  # in which a checkpoint would have been made
    assert file.stat().st_size == before
    checkpoints.committed(1)
    await until(lambda: file.stat().st_size > before + ROWS * 900, within=10)
    insert(writer)
    checkpoints.stop()
    assert writer.execute("SELECT count(*) FROM numbers").fetchone() == (2 * ROWS,)


async def test_a_checkpoint_that_fails_is_made_up_for_by_the_next(
    tmp_path: Path, writer: sqlite3.Connection
) -> None:
    file, failures = tmp_path / "file", [sqlite3.OperationalError("disk I/O error")]

    def open_connection() -> sqlite3.Connection:
        if failures:
            raise failures.pop()
        return connect(file)

    checkpoints = BackgroundCheckpoints(open_connection, every=1)
    insert(writer)
    before = file.stat().st_size
    checkpoints.committed(1)
    await until(lambda: not failures, within=10)
    checkpoints.committed(1)
    await until(lambda: file.stat().st_size > before + ROWS * 900, within=10)
    checkpoints.stop()


async def test_stopping_ends_the_thread_even_where_nothing_was_committed(tmp_path: Path) -> None:
    BackgroundCheckpoints(lambda: connect(tmp_path / "file"), every=1).stop()
    assert not (tmp_path / "file").exists()
