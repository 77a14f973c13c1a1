"""A log taken out of a damaged file is whole in its own file, or refused."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from application.ports.event_store import EMPTY
from infrastructure.sqlite.audit import audit
from infrastructure.sqlite.connections import connect, prepare_file
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.log_tip import LogTip
from infrastructure.sqlite.salvage import take_over_log
from tests.contracts.given import SettableClock, new

EVENTS = 10


@pytest.fixture
async def log(path: Path) -> Path:
    database = SqliteDatabase.open(path, clock=SettableClock())
    for number in range(EVENTS):
        await SqliteEventStore(database).append(f"s{number}", [new()], expected=EMPTY)
    await database.close()
    return path


@pytest.fixture
def target(path: Path) -> Path:
    target = path.with_name("fresh.sqlite")
    prepare_file(target, connect)
    return target


def test_a_log_that_was_taken_over_stands_in_its_file_alone(
    log: Path, target: Path, tmp_path: Path
) -> None:
    take_over_log(log, target, LogTip())
    alone = tmp_path / "alone.sqlite"
    shutil.copy(target, alone)
    assert audit(alone, lambda _position, _end: None, log_alone=True).events == EVENTS


def test_a_log_that_cannot_be_folded_into_its_file_is_not_taken_over(
    log: Path, target: Path
) -> None:
    with closing(connect(target)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        with pytest.raises(sqlite3.OperationalError):
            take_over_log(log, target, LogTip())
