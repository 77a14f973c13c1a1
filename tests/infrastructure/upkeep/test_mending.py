"""A damaged log of which everything can still be had: in a copy, exactly, or not at all."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from application.ports.event_store import EMPTY
from infrastructure.settings import Settings, read_settings
from infrastructure.sqlite.connections import connect
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.judgement import Standing, judge
from infrastructure.sqlite.log_tip import LogTip, caught_up
from infrastructure.sqlite.recorded_tip import replace_tip
from infrastructure.unusable import Unusable
from infrastructure.upkeep.backup import restore
from infrastructure.upkeep.mending import mend
from tests.contracts.given import NOON, SettableClock, new

EVENTS = 30


@pytest.fixture
async def crashed(tmp_path: Path) -> Path:
    """The files as a killed service leaves them: nearly all events only in the -wal."""
    (tmp_path / "data").mkdir()
    (tmp_path / "used").mkdir()
    used = tmp_path / "used" / "labs.sqlite"
    await SqliteDatabase.open(used, clock=SettableClock()).close()
    database = SqliteDatabase.open(used, clock=SettableClock())
    for number in range(EVENTS):
        await SqliteEventStore(database).append(f"s{number}", [new()], expected=EMPTY)
    for name in ("labs.sqlite", "labs.sqlite-wal", "labs.tip"):
        shutil.copy(used.with_name(name), tmp_path / "data" / name)
    await database.close()
    return tmp_path / "data" / "labs.sqlite"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"LAB_DATA_DIR": str(tmp_path / "data")})


def break_index(log: Path) -> None:
    """Fold the log into its file, then empty a page that no event stands on."""
    with closing(sqlite3.connect(log)) as connection:
        [page] = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_events_1'"
        ).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with log.open("r+b") as content:
        content.seek((page - 1) * size)
        content.write(bytes(size))


def silent(_position: int, _end: int) -> None:
    """Nobody looks."""


def test_most_turned_bits_of_a_write_ahead_log_lose_nothing(
    crashed: Path, settings: Settings, tmp_path: Path
) -> None:
    wal = crashed.with_name("labs.sqlite-wal")
    whole = wal.read_bytes()
    chance = random.Random(7)
    mended = 0
    for number in range(20):
        bitten = bytearray(whole)
        bitten[chance.randrange(32, len(whole))] ^= 1 << chance.randrange(8)
        wal.write_bytes(bitten)
        assert not judge(crashed).trusted
        target = tmp_path / f"mended-{number}.sqlite"
        try:
            assert mend(settings, target)[0].events == EVENTS
        except Unusable:
            assert not target.exists()
        else:
            mended += 1
        assert wal.read_bytes() == bitten
    assert mended >= 15


def test_a_mended_copy_is_put_in_place_and_nothing_was_lost(
    crashed: Path, settings: Settings, tmp_path: Path
) -> None:
    wal = crashed.with_name("labs.sqlite-wal")
    content = bytearray(wal.read_bytes())
    content[5000] ^= 1
    wal.write_bytes(content)
    _, way = mend(settings, tmp_path / "mended.sqlite")
    assert "checksums" in way
    assert restore(settings, tmp_path / "mended.sqlite", silent, now=NOON).epoch is None
    assert judge(crashed).standing is Standing.SOUND


def test_a_damaged_index_of_the_events_is_made_anew(
    crashed: Path, settings: Settings, tmp_path: Path
) -> None:
    break_index(crashed)
    assert judge(crashed).standing is Standing.DAMAGED
    assert mend(settings, tmp_path / "mended.sqlite")[0].events == EVENTS
    assert judge(tmp_path / "mended.sqlite").standing is Standing.SOUND


def test_a_copy_that_holds_more_than_its_tip_names_is_mended_with_all_of_it(
    crashed: Path, settings: Settings, tmp_path: Path
) -> None:
    break_index(crashed)
    with closing(sqlite3.connect(crashed, isolation_level=None)) as connection:
        connection.execute("INSERT INTO epochs VALUES (3, 1, '', 'a test', 0)")
        behind = caught_up(connection, LogTip(epoch=3), until=EVENTS - 5)
    replace_tip(crashed, behind)
    target = tmp_path / "mended.sqlite"
    assert mend(settings, target)[0].events == EVENTS
    judgement = judge(target)
    assert judgement.standing is Standing.SOUND
    assert judgement.tip is not None
    assert (judgement.tip.position, judgement.tip.epoch) == (EVENTS, 3)
    assert restore(settings, target, silent, now=NOON).epoch is None


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM events WHERE position = 7",
        "UPDATE events SET data = data || ' ' WHERE position = 7",
    ],
)
def test_a_log_that_lost_or_changed_an_event_is_not_mended(
    crashed: Path, settings: Settings, tmp_path: Path, change: str
) -> None:
    with closing(sqlite3.connect(crashed, isolation_level=None)) as connection:
        connection.execute(change)
    break_index(crashed)
    assert judge(crashed).standing is Standing.DAMAGED
    with pytest.raises(Unusable, match="no way leads to all that was acknowledged"):
        mend(settings, tmp_path / "mended.sqlite")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "used"]


def test_a_log_that_is_cut_or_sound_is_not_mended(
    crashed: Path, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(Unusable, match="nothing to mend: the log is sound"):
        mend(settings, tmp_path / "mended.sqlite")
    wal = crashed.with_name("labs.sqlite-wal")
    wal.write_bytes(wal.read_bytes()[: wal.stat().st_size // 2])
    with pytest.raises(Unusable, match="restore a backup"):
        mend(settings, tmp_path / "mended.sqlite")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "used"]


def test_a_full_disk_is_named_and_no_backup_is_asked_for(
    crashed: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_a_full_disk(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    break_index(crashed)
    monkeypatch.setattr("infrastructure.sqlite.salvage.connect", on_a_full_disk)
    with pytest.raises(Unusable, match=r"no copy can be made: the disk is full .*: make room"):
        mend(settings, tmp_path / "mended.sqlite")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "used"]
