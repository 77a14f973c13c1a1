"""The tip's file is whole from its first moment, and has all the room that it will need."""

import errno
import os
from contextlib import closing
from pathlib import Path

import pytest

from application.ports.event_store import EMPTY
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.database_files import tip_beside
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.judgement import Standing, judge
from infrastructure.sqlite.log_tip import LogTip
from infrastructure.sqlite.recorded_tip import replace_tip
from infrastructure.sqlite.tip_file import TipFile
from infrastructure.sqlite.unusable import UnusableDatabase
from tests.contracts.given import SettableClock, new

SLOTS = 2 * 4096


async def append(path: Path, *streams: str) -> None:
    database = SqliteDatabase.open(path, clock=SettableClock())
    for stream in streams:
        await SqliteEventStore(database).append(stream, [new()], expected=EMPTY)
    await database.close()


@pytest.mark.parametrize("call", ["pwrite", "posix_fallocate"])
async def test_a_start_that_had_no_room_for_the_first_tip_is_repeated(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def on_a_full_disk(*_arguments: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, call, on_a_full_disk)
        with pytest.raises(UnusableDatabase, match="No space left on device"):
            SqliteDatabase.open(path, clock=SettableClock())
    assert judge(path).standing is Standing.NEW
    await append(path, "a")
    assert judge(path).standing is Standing.SOUND


@pytest.mark.parametrize("torn", [0, 4096])
def test_a_tip_with_a_torn_slot_is_read_from_the_other(path: Path, torn: int) -> None:
    with closing(TipFile(tip_beside(path))) as file:
        file.write(LogTip(position=6, count=6))
        file.write(LogTip(position=7, count=7))
    slots = bytearray(tip_beside(path).read_bytes())
    slots[torn + 20] ^= 1
    tip_beside(path).write_bytes(slots)
    left = TipFile(tip_beside(path)).read()
    assert left is not None
    assert left.position == {0: 6, 4096: 7}[torn]


async def test_the_first_tip_has_room_for_both_slots(path: Path) -> None:
    await append(path)
    assert tip_beside(path).stat().st_blocks * 512 >= SLOTS


def test_a_tip_that_was_replaced_has_room_for_both_slots(path: Path) -> None:
    replace_tip(path, LogTip(position=1, count=1))
    assert tip_beside(path).stat().st_blocks * 512 >= SLOTS


def test_a_tip_of_an_earlier_version_gets_room_when_it_is_written(path: Path) -> None:
    with tip_beside(path).open("wb") as file:
        file.seek(SLOTS - 1)
        file.write(b"\0")
    tip = TipFile(tip_beside(path))
    tip.write(LogTip(position=1, count=1))
    tip.close()
    assert tip_beside(path).stat().st_blocks * 512 >= SLOTS
