"""Only files of ours are opened, and only by a program that knows them."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from application.ports.checkpoints import Checkpoint
from infrastructure.sqlite.checkpoints import SqliteCheckpoints
from infrastructure.sqlite.connections import connect, open_writer
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_rows import head_of
from infrastructure.sqlite.leases import SqliteLeases
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.schema import APPLICATION_ID, SCHEMA_VERSION, VERSIONS
from infrastructure.sqlite.unusable import UnusableDatabase
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


async def test_a_file_of_the_first_version_keeps_its_log_and_makes_its_views_anew(
    path: Path,
) -> None:
    with closing(connect(path)) as connection:
        connection.executescript(
            f"{VERSIONS[0]} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;"
            "INSERT INTO events VALUES (41, 's', 1, zeroblob(16), 't', '{}',"
            f' \'{{"hash": "{"0" * 64}"}}\', 0);'
            "INSERT INTO views VALUES"
            " ('default', 'a', 41, 'u', 'ready', 't', '', NULL, '{\"a\": \"b\"}', '{}');"
            "UPDATE checkpoint SET position = 41"
        )

    database = SqliteDatabase.open(path, clock=SettableClock())

    model, leases = SqliteReadModel(database), SqliteLeases(database)
    await model.claim("the first event")
    assert database.read(head_of) == 41
    assert await model.position() == 0
    with closing(sqlite3.connect(path)) as connection:
        for table in ("views", "labels"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert await leases.acquire("shard", holder="me", seconds=1) is not None
    await database.close()
    await SqliteDatabase.open(path, clock=SettableClock()).close()


async def test_views_of_a_version_that_noted_no_commands_are_made_anew(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.executescript(
            f"{''.join(VERSIONS[:6])} PRAGMA application_id = {APPLICATION_ID};"
            "PRAGMA user_version = 6; UPDATE checkpoint SET position = 41"
        )
    database = SqliteDatabase.open(path, clock=SettableClock())
    assert await SqliteReadModel(database).position() == 0
    await database.close()


async def test_a_follower_of_a_former_version_goes_on_in_the_log_that_the_views_are_of(
    path: Path,
) -> None:
    with closing(connect(path)) as connection:
        connection.executescript(
            f"{''.join(VERSIONS[:5])} PRAGMA application_id = {APPLICATION_ID};"
            "PRAGMA user_version = 5;"
            "UPDATE checkpoint SET position = 41, origin = 'the first event';"
            "INSERT INTO followers VALUES ('watcher', 40)"
        )
    database = SqliteDatabase.open(path, clock=SettableClock())
    followed = await SqliteCheckpoints(database).load("watcher")
    assert followed == Checkpoint(position=40, origin="the first event")
    await database.close()


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
