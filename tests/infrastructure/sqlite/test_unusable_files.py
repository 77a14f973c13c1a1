"""What says nothing about the log is told as what it is, in one line, and is no damage of it."""

import errno
import os
import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from application.ports.event_store import EMPTY
from infrastructure.sqlite.audit import audit
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.judgement import Standing, judge
from infrastructure.sqlite.recorded_tip import DoubtfulLog
from infrastructure.sqlite.salvage import damage_of
from infrastructure.sqlite.unusable import UnusableDatabase
from tests.contracts.given import SettableClock, new


@pytest.fixture
async def log(path: Path) -> Path:
    database = SqliteDatabase.open(path, clock=SettableClock())
    await SqliteEventStore(database).append("a", [new()], expected=EMPTY)
    await database.close()
    return path


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))


def _link(path: Path) -> None:
    (path.parent / "elsewhere").write_bytes(b"of somebody else")
    path.symlink_to("elsewhere")


KINDS: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "directory": Path.mkdir,
    "socket": _socket,
    "link": _link,
}


FOLLOWED = ("lab.sqlite", "lab.tip")
PLACES = [
    (name, kind)
    for name in (*FOLLOWED, "lab.sqlite-wal", "lab.sqlite-shm")
    for kind in KINDS
    if not (kind == "link" and name in FOLLOWED)
]


@pytest.mark.parametrize(("name", "kind"), PLACES)
def test_something_else_than_a_file_is_refused_by_its_name(
    log: Path, name: str, kind: str
) -> None:
    place = log.with_name(name)
    place.unlink(missing_ok=True)
    KINDS[kind](place)
    told = f"cannot be used: {name} is a {kind} and no file: move it away"
    for look in (
        lambda: judge(log),
        lambda: SqliteDatabase.open(log, clock=SettableClock()),
        lambda: audit(log, lambda _position, _end: None),
        lambda: damage_of(log),
    ):
        with pytest.raises(UnusableDatabase) as refusal:
            look()
        assert str(refusal.value).endswith(told)


TROUBLES = {
    sqlite3.SQLITE_FULL: "the disk is full (it said so): make room",
    sqlite3.SQLITE_IOERR_READ: "its disk fails (it said so)",
    sqlite3.SQLITE_CANTOPEN: "it may not be read or written (it said so)",
    sqlite3.SQLITE_READONLY_DIRECTORY: "it may not be read or written (it said so)",
    sqlite3.SQLITE_BUSY: "it said so",
}


def _fail(monkeypatch: pytest.MonkeyPatch, module: str, code: int) -> None:
    def failing(_path: Path) -> sqlite3.Connection:
        error = sqlite3.OperationalError("it said so")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setattr(f"infrastructure.sqlite.{module}.open_unchanged", failing)


@pytest.mark.parametrize("code", TROUBLES)
def test_trouble_with_the_machine_is_no_damage_of_the_log(
    log: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    _fail(monkeypatch, "judgement", code)
    _fail(monkeypatch, "salvage", code)
    for look in (lambda: judge(log), lambda: SqliteDatabase.open(log, clock=SettableClock())):
        with pytest.raises(UnusableDatabase) as refusal:
            look()
        assert TROUBLES[code] in str(refusal.value)
        assert "adopt" not in str(refusal.value)
    with pytest.raises(sqlite3.OperationalError, match="it said so"):
        damage_of(log)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB])
def test_pages_that_cannot_be_read_are_damage(
    log: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    _fail(monkeypatch, "judgement", code)
    _fail(monkeypatch, "salvage", code)
    assert judge(log).standing is Standing.DAMAGED
    assert damage_of(log) == "it said so"


def test_trouble_without_room_for_the_index_of_the_write_ahead_log_is_a_full_disk(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fail(monkeypatch, "judgement", sqlite3.SQLITE_IOERR_SHMSIZE)
    found = os.statvfs(log.parent)
    full = os.statvfs_result([*found[:3], 0, 0, *found[5:]])
    monkeypatch.setattr(os, "statvfs", lambda _path: full)
    with pytest.raises(UnusableDatabase, match=r"the disk is full \(it said so\): make room"):
        judge(log)


@pytest.mark.parametrize(
    ("end", "told"),
    [(OSError(errno.ENOSPC, "No space left on device"), DoubtfulLog), (SystemExit(), SystemExit)],
)
def test_a_copy_of_the_write_ahead_log_is_kept_whole_or_not_at_all(
    log: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: BaseException,
    told: type[BaseException],
) -> None:
    log.unlink()
    wal = log.with_name("lab.sqlite-wal")
    wal.write_bytes(b"frames" * 999)

    def half(source: Path, target: Path, **_options: object) -> None:
        target.write_bytes(source.read_bytes()[:100])
        raise end

    with monkeypatch.context() as interrupted:
        interrupted.setattr(shutil, "copy2", half)
        with pytest.raises(told) as refusal:
            SqliteDatabase.open(log, clock=SettableClock())
        assert "is kept as" not in str(refusal.value)
    for _ in range(2):
        with pytest.raises(DoubtfulLog, match="is kept as"):
            SqliteDatabase.open(log, clock=SettableClock())
        [kept] = log.parent.glob("*.kept-*")
        assert kept.read_bytes() == wal.read_bytes()
