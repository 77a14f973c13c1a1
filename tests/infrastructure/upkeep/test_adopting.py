"""Accepting a log as it stands, copying it while it is in use, and putting a copy back."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from application.ports.event_store import EMPTY
from infrastructure.codec.chain import BrokenChain
from infrastructure.settings import Settings, read_settings
from infrastructure.sqlite.connections import connect
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.judgement import Standing, judge
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.unusable import Unusable
from infrastructure.upkeep.adopting import adopt
from infrastructure.upkeep.backup import back_up, restore
from tests.contracts.given import NOON, SettableClock, change, created, new

_EPOCH = 2**40


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return read_settings({"LAB_DATA_DIR": str(tmp_path / "data")})


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase.open(file_of(settings), clock=SettableClock())
    yield database
    await database.close()


async def append(settings: Settings, *names: str) -> list[int]:
    async with opened(settings) as database:
        log = SqliteEventStore(database)
        return [
            recorded.position
            for name in names
            for recorded in await log.append(
                f"labinstance-class-a/{name}", [new(created(name))], expected=EMPTY
            )
        ]


def file_of(settings: Settings) -> Path:
    return settings.data_dir / "labs.sqlite"


def silent(_position: int, _end: int) -> None:
    """Nobody looks."""


async def test_a_shorter_log_is_accepted_and_its_lost_positions_are_not_given_again(
    settings: Settings, tmp_path: Path
) -> None:
    await append(settings, "ann")
    shutil.copy(file_of(settings), tmp_path / "older")
    await append(settings, "bob", "cid")
    async with opened(settings) as database:
        await SqliteReadModel(database).apply([change(created("bob"), position=2)], position=3)
    newer = file_of(settings).read_bytes()
    shutil.copy(tmp_path / "older", file_of(settings))

    adopted = adopt(settings, now=NOON)

    assert (adopted.position, adopted.epoch) == (1, 1)
    assert "2 events short" in adopted.reason
    assert (adopted.aside / "labs.sqlite").read_bytes() != newer
    assert judge(file_of(settings)).standing is Standing.SOUND
    assert await append(settings, "dan", "eve") == [_EPOCH, _EPOCH + 1]
    async with opened(settings) as database:
        assert await SqliteReadModel(database).position() == 0
    assert await append(settings, "fay") == [_EPOCH + 2]


async def test_a_log_that_is_gone_is_accepted_as_an_empty_one(settings: Settings) -> None:
    await append(settings, "ann")
    file_of(settings).unlink()
    (settings.data_dir / "labs" / "some-uid").mkdir(parents=True)
    assert adopt(settings, now=NOON).position == 0
    assert judge(file_of(settings), labs=1).standing is Standing.SOUND
    assert await append(settings, "bob") == [_EPOCH]


async def test_a_log_whose_tip_is_gone_is_accepted_with_all_it_holds(settings: Settings) -> None:
    await append(settings, "ann", "bob")
    (settings.data_dir / "labs.tip").unlink()
    assert adopt(settings, now=NOON).position == 2
    assert judge(file_of(settings)).standing is Standing.SOUND


async def test_a_sound_log_and_one_that_cannot_be_read_are_not_accepted(
    settings: Settings,
) -> None:
    await append(settings, "ann")
    with pytest.raises(Unusable, match="nothing to adopt: the log is sound, up to position 1"):
        adopt(settings, now=NOON)
    whole = file_of(settings).read_bytes()
    file_of(settings).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unusable, match="restore a backup"):
        adopt(settings, now=NOON)
    assert file_of(settings).read_bytes() == whole[: len(whole) // 2]
    assert not (settings.data_dir / "aside").exists()


def test_copies_are_not_made_where_there_is_nothing(tmp_path: Path) -> None:
    nowhere = read_settings({"LAB_DATA_DIR": str(tmp_path / "nowhere")})
    for act in (
        lambda: adopt(nowhere, now=NOON),
        lambda: back_up(nowhere, tmp_path / "copy", silent),
        lambda: restore(nowhere, tmp_path / "copy", silent, now=NOON),
    ):
        with pytest.raises(Unusable, match="there is no data directory"):
            act()
    assert list(tmp_path.iterdir()) == []


async def test_a_copy_that_was_made_while_the_log_was_in_use_is_whole(
    settings: Settings, tmp_path: Path
) -> None:
    async with opened(settings) as database:
        await SqliteEventStore(database).append("labinstance-a/a", [new()], expected=EMPTY)
        found = back_up(settings, tmp_path / "copy.sqlite", silent)
    assert found.position == 1
    assert judge(tmp_path / "copy.sqlite").standing is Standing.SOUND
    with pytest.raises(Unusable, match="exists"):
        back_up(settings, tmp_path / "copy.sqlite", silent)


async def test_copies_that_are_named_by_their_days_have_a_tip_each(
    settings: Settings, tmp_path: Path
) -> None:
    saturday, sunday = tmp_path / "labs.2026-11-28", tmp_path / "labs.2026-11-29"
    await append(settings, "ann")
    back_up(settings, saturday, silent)
    await append(settings, "bob")
    back_up(settings, sunday, silent)
    assert judge(saturday).standing is judge(sunday).standing is Standing.SOUND
    assert restore(settings, saturday, silent, now=NOON).position == 1


async def test_a_copy_is_put_back_and_what_came_after_it_is_set_aside(
    settings: Settings, tmp_path: Path
) -> None:
    await append(settings, "ann")
    back_up(settings, tmp_path / "copy.sqlite", silent)
    await append(settings, "bob")
    restored = restore(settings, tmp_path / "copy.sqlite", silent, now=NOON)
    assert (restored.events, restored.position, restored.epoch) == (1, 1, 1)
    assert judge(file_of(settings)).standing is Standing.SOUND
    assert await append(settings, "cid") == [_EPOCH]
    with closing(sqlite3.connect(restored.aside / "labs.sqlite")) as aside:
        assert aside.execute("SELECT count(*) FROM events").fetchone() == (2,)


async def test_copies_without_room_name_the_full_disk_and_leave_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_a_full_disk(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    await append(settings, "ann")
    back_up(settings, tmp_path / "copy.sqlite", silent)
    monkeypatch.setattr("infrastructure.upkeep.backup.connect", on_a_full_disk)
    with pytest.raises(Unusable, match=r"cannot be copied: the disk is full .*: make room"):
        back_up(settings, tmp_path / "another.sqlite", silent)
    await append(settings, "bob")
    with pytest.raises(Unusable, match=r"cannot be restored: the disk is full .*: make room"):
        restore(settings, tmp_path / "copy.sqlite", silent, now=NOON)
    assert not (tmp_path / "another.sqlite.partial").exists()
    assert not (settings.data_dir / "labs-restored.sqlite").exists()
    assert judge(file_of(settings)).standing is Standing.SOUND


async def test_a_copy_of_all_that_was_acknowledged_begins_no_epoch(
    settings: Settings, tmp_path: Path
) -> None:
    await append(settings, "ann")
    back_up(settings, tmp_path / "copy.sqlite", silent)
    file_of(settings).unlink()
    restored = restore(settings, tmp_path / "copy.sqlite", silent, now=NOON)
    assert restored.epoch is None
    assert await append(settings, "bob") == [2]


async def test_a_copy_that_is_not_whole_changes_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    await append(settings, "ann", "bob")
    copy = tmp_path / "copy.sqlite"
    back_up(settings, copy, silent)
    before = file_of(settings).read_bytes()
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unusable, match="is not whole"):
        restore(settings, copy, silent, now=NOON)
    copy.write_bytes(whole.replace(b"60m", b"90m"))
    with pytest.raises(BrokenChain):
        restore(settings, copy, silent, now=NOON)
    copy.write_bytes(b"a letter " * 1000)
    (tmp_path / "copy.tip").unlink()
    with pytest.raises(Unusable, match="not a copy of a log"):
        restore(settings, copy, silent, now=NOON)
    assert file_of(settings).read_bytes() == before


async def test_a_copy_that_knows_nothing_of_an_epoch_begins_the_next_one(
    settings: Settings, tmp_path: Path
) -> None:
    await append(settings, "ann")
    back_up(settings, tmp_path / "copy.sqlite", silent)
    await append(settings, "bob")
    assert restore(settings, tmp_path / "copy.sqlite", silent, now=NOON).epoch == 1
    file_of(settings).unlink()
    again = restore(settings, tmp_path / "copy.sqlite", silent, now=NOON + timedelta(hours=1))
    assert again.epoch == 2
    assert await append(settings, "cid") == [2 * _EPOCH]
