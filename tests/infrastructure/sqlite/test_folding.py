"""What is committed reaches the file itself, under load and soon after it."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from application.ports.event_store import EMPTY
from infrastructure.sqlite.beside_writer import BesideWriter
from infrastructure.sqlite.connections import connect, open_writer
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.folding import Folding, fold, reaches
from tests.contracts.given import SettableClock, new
from tests.fakes.virtual_time import until

ROWS = 500


@pytest.fixture
def wal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


@pytest.fixture
def writer(path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_writer(path, connect)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE numbers (number INTEGER, told TEXT)")
    yield connection
    connection.close()


@pytest.fixture
async def apart(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase.open_apart(path, clock=SettableClock())
    yield database
    await database.close()


def insert(writer: sqlite3.Connection, rows: int = ROWS) -> None:
    writer.execute("BEGIN IMMEDIATE")
    writer.executemany("INSERT INTO numbers VALUES (?, ?)", [(n, "x" * 900) for n in range(rows)])
    writer.execute("COMMIT")


class Folds:
    """A writer that remembers how it was asked to fold, and can be kept from it."""

    def __init__(self) -> None:
        self.asked: list[bool] = []
        self.hindered = False

    def fold(self, *, whole: bool) -> bool:
        self.asked.append(whole)
        return not self.hindered


async def test_soon_after_the_last_append_the_file_alone_holds_the_log(
    apart: SqliteDatabase, path: Path, wal: Path
) -> None:
    await SqliteEventStore(apart).append("s", [new(), new()], expected=EMPTY)
    await until(lambda: wal.stat().st_size == 0, within=20)
    alone = Path(shutil.copy(path, path.with_name("alone")))
    with sqlite3.connect(alone) as copy:
        assert copy.execute("SELECT count(*) FROM events").fetchone() == (2,)
    copy.close()


async def test_the_log_goes_on_after_it_was_folded(apart: SqliteDatabase, wal: Path) -> None:
    store = SqliteEventStore(apart)
    for stream in ("a", "b"):
        await store.append(stream, [new()], expected=EMPTY)
        await until(lambda: wal.stat().st_size == 0, within=20)
    assert [one.stream async for one in store.read_all(after=0)] == ["a", "b"]


def test_the_frames_of_earlier_rounds_do_not_count(writer: sqlite3.Connection, wal: Path) -> None:
    insert(writer)
    assert reaches(wal, 400_000)
    assert not reaches(wal, 4_000_000)
    assert fold(writer, whole=False)
    insert(writer, rows=1)
    assert wal.stat().st_size > 400_000
    assert not reaches(wal, 400_000)


def test_a_writer_folds_when_the_log_has_grown(
    path: Path, writer: sqlite3.Connection, wal: Path
) -> None:
    folds = Folds()
    folding = Folding(path, folds)
    insert(writer)
    for _ in range(20):
        folding.written()
    assert folds.asked == []
    insert(writer, rows=20_000)
    for _ in range(8):
        folding.written()
    assert folds.asked == [False]
    folding.stop()


def test_a_fold_that_a_reader_hinders_is_tried_again(path: Path) -> None:
    folds = Folds()
    folding = Folding(path, folds)
    folding.written()
    folds.hindered = True
    folding.rest()
    assert folding.wanted
    folds.hindered = False
    folding.rest()
    assert not folding.wanted
    folding.stop()


def test_a_reader_hinders_a_fold_and_loses_nothing(path: Path, writer: sqlite3.Connection) -> None:
    insert(writer)
    reader = connect(path)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM numbers").fetchone() == (ROWS,)
    insert(writer)
    assert not fold(writer, whole=True)
    assert reader.execute("SELECT count(*) FROM numbers").fetchone() == (ROWS,)
    reader.close()
    assert fold(writer, whole=True)
    assert writer.execute("SELECT count(*) FROM numbers").fetchone() == (2 * ROWS,)


async def test_work_beside_the_writer_that_fails_is_made_up_for_by_the_next() -> None:
    failures, done = [sqlite3.OperationalError("disk I/O error")], list[int]()

    def work() -> None:
        if failures:
            raise failures.pop()
        done.append(1)

    beside = BesideWriter(work, name="test")
    beside.ask()
    await until(lambda: not failures, within=10)
    beside.ask()
    await until(lambda: bool(done), within=10)
    beside.stop()


def test_stopping_ends_the_thread_even_where_nothing_was_asked() -> None:
    done = list[int]()
    BesideWriter(lambda: done.append(1), name="test").stop()
    assert done == []
