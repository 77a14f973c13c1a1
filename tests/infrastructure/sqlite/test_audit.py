"""Proving the stored history."""

import sqlite3
from pathlib import Path

import pytest

from application.ports.event_store import UndecodableEvent
from infrastructure.codec.chain import BrokenChain
from infrastructure.sqlite.audit import audit
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
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
