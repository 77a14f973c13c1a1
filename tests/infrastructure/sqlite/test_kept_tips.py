"""Tips of the last hours speak against a log that was set back together with its tip."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec

from application.ports.event_store import EMPTY
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.database_files import kept_tips_beside, tip_beside
from infrastructure.sqlite.epochs import begin_epoch
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.judgement import Standing, judge
from infrastructure.sqlite.kept_tips import keep_tip, kept_tips
from infrastructure.sqlite.log_tip import LogTip
from infrastructure.sqlite.recorded_tip import last_known_tip
from tests.contracts.given import NOON, SettableClock, new

_HOUR = timedelta(hours=1)
_HOUR_IN_MICROSECONDS = 3_600_000_000


async def append(path: Path, *streams: str, hours: int = 0) -> None:
    """As a service does that ran so many hours after noon, and was begun anew later."""
    clock = SettableClock()
    clock.at = NOON + hours * _HOUR
    for _ in range(2):
        database = SqliteDatabase.open(path, clock=clock)
        for stream in streams:
            await SqliteEventStore(database).append(stream, [new()], expected=EMPTY)
        await database.close()
        streams = ()


def set_aside(path: Path) -> None:
    for file in (path, tip_beside(path)):
        shutil.copy(file, f"{file}.older")


def lose(path: Path) -> None:
    for file in (path, tip_beside(path)):
        file.unlink()


def set_back(path: Path) -> None:
    for file in (path, tip_beside(path)):
        shutil.copy(f"{file}.older", file)


async def test_a_log_set_back_together_with_its_tip_is_short(path: Path) -> None:
    await append(path, "ann")
    set_aside(path)
    await append(path, "bob", "cid")
    set_back(path)
    judgement = judge(path)
    assert judgement.standing is Standing.SHORT
    assert "it ends at position 1, 2 events short" in judgement.reason


async def test_the_hour_up_to_which_such_a_log_is_right_is_told(path: Path) -> None:
    await append(path, "ann")
    await append(path, "bob", hours=1)
    set_aside(path)
    await append(path, "cid", hours=2)
    set_back(path)
    assert "up to 2026-03-01T13:00:00+00:00" in judge(path).reason


async def test_a_log_set_back_with_its_tip_that_went_on_elsewhere_is_forked(path: Path) -> None:
    await append(path, "ann")
    set_aside(path)
    await append(path, "bob")
    kept = kept_tips_beside(path).read_bytes()
    set_back(path)
    kept_tips_beside(path).unlink()
    await append(path, "another", "and another")
    kept_tips_beside(path).write_bytes(kept)
    assert judge(path).standing is Standing.FORKED


async def test_a_log_that_is_gone_together_with_its_tip_is_missing(path: Path) -> None:
    await append(path, "ann")
    lose(path)
    assert judge(path).standing is Standing.MISSING
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    assert judge(path).standing is Standing.ANOTHER


async def test_a_log_that_goes_on_and_one_whose_kept_tips_are_gone_are_sound(path: Path) -> None:
    await append(path, "ann")
    await append(path, "bob", hours=50)
    assert judge(path).standing is Standing.SOUND
    kept_tips_beside(path).unlink()
    assert judge(path).standing is Standing.SOUND


async def test_a_new_epoch_is_measured_by_its_own_tips(path: Path) -> None:
    await append(path, "ann")
    set_aside(path)
    await append(path, "bob")
    set_back(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        begin_epoch(connection, path, reason="a test", at=0)
    assert judge(path).standing is Standing.SOUND
    await append(path, "cid")
    assert judge(path).standing is Standing.SOUND
    assert [tip.epoch for tip in kept_tips(path)] == [1]


def test_each_hour_keeps_its_last_tip_for_two_days(path: Path) -> None:
    for count in range(1, 200):
        hour = count // 2 * _HOUR_IN_MICROSECONDS
        keep_tip(path, LogTip(position=count, count=count, recorded_at=hour))
    assert [tip.count for tip in kept_tips(path)] == list(range(199, 199 - 96, -2))


def test_damaged_slots_and_none_at_all_speak_against_nothing(path: Path) -> None:
    assert kept_tips(path) == ()
    first = LogTip(position=1, count=1)
    keep_tip(path, first)
    keep_tip(path, msgspec.structs.replace(first, count=2, recorded_at=_HOUR_IN_MICROSECONDS))
    content = bytearray(kept_tips_beside(path).read_bytes())
    content[700] ^= 1
    kept_tips_beside(path).write_bytes(content)
    assert kept_tips(path) == [first]
    assert last_known_tip(path) == first
