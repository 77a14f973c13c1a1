"""Only files of ours are opened, and only by a program that knows them."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from infrastructure.sqlite.connections import UnusableDatabase, connect, open_writer
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_rows import head_of
from infrastructure.sqlite.schema import SCHEMA_VERSION
from tests.contracts.given import SettableClock


def refusal_of(path: Path) -> str:
    with pytest.raises(UnusableDatabase) as refusal:
        SqliteDatabase.open(path, clock=SettableClock())
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    return refusal.value.reason


async def test_only_the_owner_may_read_the_files(database: SqliteDatabase, path: Path) -> None:
    database.read(head_of)

    files = list(path.parent.iterdir())

    assert len(files) >= 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"this is a letter to my grandmother" * 100)

    assert refusal_of(path) == "file is not a database"
    assert path.read_bytes().startswith(b"this is a letter")


def test_a_database_of_another_program_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")

    assert refusal_of(path) == "it was made by another program"


async def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    await SqliteDatabase.open(path, clock=SettableClock()).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

    assert f"schema version {SCHEMA_VERSION + 1}" in refusal_of(path)


async def test_views_of_an_older_version_are_made_anew_from_the_log(path: Path) -> None:
    await SqliteDatabase.open(path, clock=SettableClock()).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO views VALUES"
            " ('default', 'a', 7, 'u', 'ready', 't', '', NULL, '{\"a\": \"b\"}', '{}')"
        )
        connection.execute("UPDATE checkpoint SET position = 7")
        connection.execute("PRAGMA user_version = 1")

    await SqliteDatabase.open(path, clock=SettableClock()).close()

    with closing(sqlite3.connect(path)) as connection:
        for table in ("views", "labels"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        assert connection.execute("SELECT position FROM checkpoint").fetchone() == (0,)
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "absent" / "lab.db") == "No such file or directory"


@pytest.fixture
def empty_file(path: Path) -> Path:
    path.touch()
    return path


async def test_an_empty_file_becomes_a_database(empty_file: Path) -> None:
    database = SqliteDatabase.open(empty_file, clock=SettableClock())

    assert database.read(head_of) == 0
    await database.close()


async def test_a_commit_waits_for_the_disk(database: SqliteDatabase, path: Path) -> None:
    """Killing a process shows nothing of this; losing power would."""
    full = 2
    with closing(open_writer(path, connect)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (full,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert database.read(head_of) == 0
