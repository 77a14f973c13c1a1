"""A log that is not the one that was acknowledged is recognised, and nothing is changed."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from application.ports.event_store import EMPTY
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.database_files import tip_beside
from infrastructure.sqlite.event_rows import head_of
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.judgement import Standing, judge
from infrastructure.sqlite.log_tip import LogTip, caught_up
from infrastructure.sqlite.recorded_tip import DoubtfulLog
from infrastructure.sqlite.tip_file import TipFile
from tests.contracts.given import SettableClock, new

EVENTS = 40


async def append(path: Path, *streams: str) -> None:
    database = SqliteDatabase.open(path, clock=SettableClock())
    for stream in streams:
        await SqliteEventStore(database).append(stream, [new(note="x" * 200)], expected=EMPTY)
    await database.close()


@pytest.fixture
async def log(path: Path) -> Path:
    """A closed file with events, and a copy of it as it was at half of them."""
    half = EVENTS // 2
    await append(path, *[f"s{n}" for n in range(half)])
    shutil.copy(path, path.with_name("older"))
    await append(path, *[f"s{n}" for n in range(half, EVENTS)])
    return path


@pytest.fixture
async def crashed(path: Path, tmp_path: Path) -> Path:
    """The files as a service that was killed leaves them: the newest events in the -wal."""
    await append(path, "first")
    database = SqliteDatabase.open(path, clock=SettableClock())
    for n in range(EVENTS):
        await SqliteEventStore(database).append(f"s{n}", [new()], expected=EMPTY)
    (tmp_path / "crashed").mkdir()
    for suffix in ("lab.sqlite", "lab.sqlite-wal", "lab.tip"):
        shutil.copy(tmp_path / suffix, tmp_path / "crashed" / suffix)
    await database.close()
    return tmp_path / "crashed" / "lab.sqlite"


def tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_log_that_was_closed_is_sound_and_its_tip_names_its_end(log: Path) -> None:
    judgement = judge(log)
    assert judgement.standing is Standing.SOUND
    assert judgement.tip is not None
    assert (judgement.tip.position, judgement.tip.count) == (EVENTS, EVENTS)
    with closing(sqlite3.connect(log)) as connection:
        assert caught_up(connection, LogTip()) == judgement.tip


def test_a_log_that_was_killed_is_sound_with_its_write_ahead_log(crashed: Path) -> None:
    assert judge(crashed).standing is Standing.SOUND


async def test_a_log_beyond_its_tip_is_trusted_and_the_tip_follows(log: Path) -> None:
    tip = TipFile(tip_beside(log))
    newest = tip.read()
    with closing(sqlite3.connect(log.with_name("older"))) as connection:
        behind = caught_up(connection, LogTip())
    tip.write(behind)
    tip.close()
    assert judge(log).standing is Standing.AHEAD
    await append(log)
    assert TipFile(tip_beside(log)).read() == newest


def _older(log: Path) -> None:
    shutil.copy(log.with_name("older"), log)


def _songs(log: Path) -> None:
    log.unlink()
    tamper(log, "CREATE TABLE songs (title TEXT)")


def _forked(log: Path) -> None:
    _older(log)
    tip = tip_beside(log).read_bytes()
    tamper(log, "DELETE FROM epochs")
    tip_beside(log).unlink()
    tamper(
        log,
        "INSERT INTO events SELECT position + 20, stream || 'x', version, id, type, data,"
        " replace(metadata, substr(metadata, -66, 64), hex(randomblob(32))), recorded_at"
        " FROM events",
    )
    tip_beside(log).write_bytes(tip)


def _from_before_an_epoch(log: Path) -> None:
    """The tip is that of a log that was accepted at fewer events, and went on elsewhere."""
    with closing(TipFile(tip_beside(log))) as tip:
        known = tip.read()
        assert known is not None
        tip.write(msgspec.structs.replace(known, epoch=1, position=1 << 40, last="f" * 64))


ALARMS: dict[str, tuple[Standing, Callable[[Path], object]]] = {
    "missing": (Standing.MISSING, lambda log: log.unlink()),
    "an empty file": (Standing.MISSING, lambda log: log.write_bytes(b"")),
    "no events": (Standing.EMPTY, lambda log: tamper(log, "DELETE FROM events")),
    "no tables": (
        Standing.ANOTHER,
        _songs,
    ),
    "older": (Standing.SHORT, _older),
    "the end is cut": (
        Standing.SHORT,
        lambda log: tamper(log, "DELETE FROM events WHERE position > 38"),
    ),
    "forked": (Standing.FORKED, _forked),
    "as many events, of before an epoch": (Standing.FORKED, _from_before_an_epoch),
    "another first event": (
        Standing.ANOTHER,
        lambda log: tamper(log, "DELETE FROM events WHERE position = 1"),
    ),
    "an event is gone": (
        Standing.DAMAGED,
        lambda log: tamper(log, "DELETE FROM events WHERE position = 7"),
    ),
    "half a file": (
        Standing.DAMAGED,
        lambda log: log.write_bytes(log.read_bytes()[: log.stat().st_size // 2]),
    ),
    "not a database": (Standing.DAMAGED, lambda log: log.write_bytes(b"a letter" * 999)),
    "no tip": (Standing.UNWITNESSED, lambda log: tip_beside(log).unlink()),
    "no slot of the tip": (
        Standing.UNWITNESSED,
        lambda log: tip_beside(log).write_bytes(bytes(8192)),
    ),
}


@pytest.mark.parametrize("case", ALARMS)
def test_a_log_that_lost_something_is_refused_and_left_as_it_is(log: Path, case: str) -> None:
    standing, harm = ALARMS[case]
    harm(log)
    before = log.read_bytes() if log.exists() else None
    assert judge(log).standing is standing
    with pytest.raises(DoubtfulLog) as refusal:
        SqliteDatabase.open(log, clock=SettableClock())
    told = str(refusal.value)
    assert standing.value in told
    assert "\n" not in told
    assert "labctl adopt" in told
    assert before == (log.read_bytes() if log.exists() else None)


def test_a_damaged_index_of_the_events_is_an_alarm(log: Path) -> None:
    with closing(sqlite3.connect(log)) as connection:
        [page] = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_events_1'"
        ).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(log.read_bytes())
    index = slice((page - 1) * size, page * size)
    assert b"s17" in content[index]
    content[index] = content[index].replace(b"s17", b"zzz")
    log.write_bytes(content)
    judgement = judge(log)
    assert judgement.standing is Standing.DAMAGED
    assert judgement.reason.startswith("its pages are damaged (")


def test_a_write_ahead_log_that_is_gone_is_missed(crashed: Path) -> None:
    crashed.with_name("lab.sqlite-wal").unlink()
    with pytest.raises(DoubtfulLog, match=f"ends at position 1, {EVENTS} events short"):
        SqliteDatabase.open(crashed, clock=SettableClock())


async def test_bits_that_turn_in_the_write_ahead_log_lose_nothing_without_a_word(
    crashed: Path,
) -> None:
    wal, copied_wal = crashed.with_name("lab.sqlite-wal"), crashed.with_name("copy.sqlite-wal")
    whole = wal.read_bytes()
    chance = random.Random(20)
    refused = 0
    for _ in range(50):
        bitten = bytearray(whole)
        bitten[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        wal.write_bytes(bitten)
        try:
            database = SqliteDatabase.open(
                crashed.with_name(copied(crashed)), clock=SettableClock()
            )
        except DoubtfulLog:
            refused += 1
            assert copied_wal.read_bytes() == bitten
        else:
            assert database.read(head_of) == EVENTS + 1
            await database.close()
    assert refused > 40


def copied(crashed: Path) -> str:
    """The files under a name of their own, as opening a log that is sound folds it."""
    for suffix in (".sqlite", ".sqlite-wal", ".tip"):
        shutil.copy(crashed.with_suffix(suffix), crashed.with_name(f"copy{suffix}"))
    crashed.with_name("copy.sqlite-shm").unlink(missing_ok=True)
    return "copy.sqlite"


def test_a_doubtful_log_is_kept_aside_once(crashed: Path) -> None:
    wal = crashed.with_name("lab.sqlite-wal")
    wal.write_bytes(wal.read_bytes()[:5000])
    for _ in range(2):
        with pytest.raises(DoubtfulLog, match=r"its -wal is kept as lab\.sqlite-wal\.kept-"):
            SqliteDatabase.open(crashed, clock=SettableClock())
    [kept] = crashed.parent.glob("*.kept-*")
    assert kept.read_bytes() == wal.read_bytes()


async def test_a_log_of_the_version_before_is_accepted_once(log: Path) -> None:
    tip_beside(log).unlink()
    tamper(
        log,
        "DROP TABLE epochs",
        "ALTER TABLE followers DROP COLUMN origin",
        "DROP TABLE commands",
        *(f"DROP TABLE {name}" for name in ("tree", "tree_found", "signed_checkpoints")),
        "DROP TABLE lifetimes",
        "DROP TABLE stretches",
        "ALTER TABLE checkpoint DROP COLUMN indexed",
        "PRAGMA user_version = 4",
    )
    assert judge(log).standing is Standing.UNRECORDED
    await append(log, "more")
    assert judge(log).standing is Standing.SOUND
    tip_beside(log).unlink()
    assert judge(log).standing is Standing.UNWITNESSED


def test_a_directory_with_labs_and_without_a_log_is_not_new(path: Path) -> None:
    assert judge(path).standing is Standing.NEW
    found = judge(path, labs=2)
    assert found.standing is Standing.MISSING
    assert found.reason == "it is not there, and there are 2 labs' directories"


async def test_a_log_without_events_beside_labs_is_not_new(path: Path) -> None:
    await append(path)
    assert judge(path).standing is Standing.SOUND
    assert judge(path, labs=1).standing is Standing.EMPTY


def test_a_write_ahead_log_without_its_file_is_not_new(path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(b"something")
    assert judge(path).standing is Standing.MISSING
