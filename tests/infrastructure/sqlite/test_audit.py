"""Proving the stored history."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from application.event_log.labs import LABS
from application.event_log.replay import Replay
from application.ports.event_store import UndecodableEvent
from infrastructure.codec.chain import BrokenChain
from infrastructure.sqlite.audit import BrokenLog, audit
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.database_files import tip_beside
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.unusable import UnusableDatabase
from tests.application.arrangement import arranged
from tests.contracts.given import SettableClock
from tests.domain.test_user_commands import abandon, create, extend


@pytest.fixture
async def log(path: Path) -> Path:
    """A file with three recorded events."""
    database = SqliteDatabase.open(path, clock=SettableClock())
    app = arranged(SqliteEventStore(database))
    for command in (create, extend, abandon):
        await app.send(command)
    await database.close()
    return path


def _silent(_position: int, _end: int) -> None:
    """Nobody looks."""


def _tamper(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


def test_an_untouched_history_is_proven_from_end_to_end(log: Path) -> None:
    reached: list[tuple[int, int]] = []
    found = audit(log, lambda position, end: reached.append((position, end)))
    assert (found.events, found.streams, found.position) == (3, 1, 3)
    assert reached == [(3, 3)]


async def test_a_history_can_be_proven_beside_the_service_that_writes_it(path: Path) -> None:
    database = SqliteDatabase.open(path, clock=SettableClock())
    await arranged(SqliteEventStore(database)).send(create)
    assert audit(path, _silent).events == 1
    await database.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET data = replace(data, '60m', '90m') WHERE version = 1",
        "UPDATE events SET metadata = replace(metadata, 'admin', 'nobody') WHERE version = 2",
        "DELETE FROM events WHERE version = 2",
        "UPDATE events SET stream = 'labinstance-default/bob'",
    ],
)
def test_any_change_of_history_is_found(log: Path, change: str) -> None:
    _tamper(log, change)
    with pytest.raises(BrokenChain):
        audit(log, _silent)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 3", "times"),
        ("UPDATE events SET position = 9 WHERE position = 3", "forked"),
        ("UPDATE events SET position = -position", "no events|impossible"),
        ("UPDATE events SET recorded_at = 0 WHERE position = 2", "older than the one before"),
        ("DELETE FROM events WHERE position = 3", "short"),
        ("DELETE FROM events", "empty"),
        (
            "UPDATE checkpoint SET position = 3;"
            "INSERT INTO views VALUES ('a', 'b', 1, 'u', 'ready', 't', '', NULL, '{}', '{}')",
            "view of lab",
        ),
    ],
)
def test_the_proof_finds_what_no_chain_shows(log: Path, change: str, told: str) -> None:
    for statement in change.split(";"):
        _tamper(log, statement)
    with pytest.raises(BrokenLog, match=told):
        audit(log, _silent)


async def test_views_that_follow_from_the_log_are_proven(log: Path) -> None:
    database = SqliteDatabase.open(log, clock=SettableClock())
    store, views = SqliteEventStore(database), SqliteReadModel(database)
    events = [one async for one in store.read_all(after=0)]
    replay = Replay(LABS, store)
    for recorded in events[:2]:
        change = await replay.change(recorded)
        assert change is not None
        await views.apply([change], position=recorded.position)
    await database.close()
    assert audit(log, _silent).events == len(events)
    _tamper(log, "UPDATE views SET document = replace(document, '60m', '61m')")
    _tamper(log, "UPDATE views SET resource_version = 1")
    with pytest.raises(BrokenLog, match="is not what the log gives"):
        audit(log, _silent)


def test_views_that_cannot_be_read_leave_the_log_proven_and_say_what_to_do(log: Path) -> None:
    with closing(sqlite3.connect(log)) as connection:
        [page] = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'views'"
        ).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with log.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xaa" * size)
    told = "the events are what was written.* the views cannot be read .*`labctl rebuild`"
    with pytest.raises(BrokenLog, match=told):
        audit(log, _silent)
    _tamper(log, "UPDATE events SET data = replace(data, '60m', '61m')")
    with pytest.raises(BrokenChain):
        audit(log, _silent)


def test_a_log_without_its_tip_is_not_proven(log: Path) -> None:
    tip_beside(log).unlink()
    with pytest.raises(BrokenLog, match="its tip is not there"):
        audit(log, _silent)


@pytest.mark.parametrize("column", ["id", "data", "metadata", "recorded_at", "stream"])
def test_a_row_that_nobody_wrote_is_named(log: Path, column: str) -> None:
    with sqlite3.connect(log) as connection:
        connection.execute("PRAGMA writable_schema = 1")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'events'"
        )
    connection.close()
    _tamper(log, f"UPDATE events SET {column} = NULL WHERE position = 2")
    with pytest.raises((BrokenLog, BrokenChain, UndecodableEvent)):
        audit(log, _silent)


async def test_proving_changes_nothing(path: Path) -> None:
    database = SqliteDatabase.open(path, clock=SettableClock())
    await arranged(SqliteEventStore(database)).send(create)
    copy = path.with_name("copy.sqlite")
    for suffix in (".sqlite", ".sqlite-wal", ".tip"):
        shutil.copy(path.with_suffix(suffix), copy.with_suffix(suffix))
    await database.close()
    before = copy.read_bytes(), copy.with_suffix(".sqlite-wal").read_bytes()
    assert audit(copy, _silent).events == 1
    assert (copy.read_bytes(), copy.with_suffix(".sqlite-wal").read_bytes()) == before


def test_an_event_that_cannot_be_decoded_is_named(log: Path) -> None:
    _tamper(log, "UPDATE events SET type = 'lab-instance.unheard-of.v9' WHERE position = 2")
    with pytest.raises(UndecodableEvent, match="position 2"):
        audit(log, _silent)


def test_a_file_that_is_not_there_or_no_database_is_refused(tmp_path: Path) -> None:
    letter = tmp_path / "letter"
    letter.write_text("Dear Sir or Madam, " * 100)
    for path in (tmp_path / "nothing", letter):
        with pytest.raises(UnusableDatabase, match=str(path)):
            audit(path, _silent)


def test_an_event_that_is_not_utf8_is_named_with_its_position(log: Path) -> None:
    _tamper(log, "UPDATE events SET type = CAST(x'fb' AS TEXT) WHERE position = 2")
    with pytest.raises(UndecodableEvent, match="position 2"):
        audit(log, _silent)
