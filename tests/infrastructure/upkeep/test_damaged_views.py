"""The views are made anew whatever state they are in: only the log is read."""

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from application.ports.event_store import EMPTY
from application.projections.rebuilding import Rebuilt, rebuild
from domain.lab_instance.key import LabKey
from infrastructure.settings import read_settings
from infrastructure.sqlite.audit import audit
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.judgement import Standing, judge
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.salvage import damage_of
from infrastructure.sqlite.view_generations import SqliteViewGenerations
from infrastructure.unusable import Unusable
from infrastructure.upkeep.rebuilding import rebuild_views
from tests.contracts.given import SettableClock, change, created, new

NAMES = ("ann", "bob", "cid")


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """Three labs, in the log and in the views."""
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "labs.sqlite"
    database = SqliteDatabase.open(file, clock=SettableClock())
    log, views = SqliteEventStore(database), SqliteReadModel(database)
    for position, name in enumerate(NAMES, 1):
        stream = f"labinstance-class-a/{name}"
        await log.append(stream, [new(created(name))], expected=EMPTY)
        await views.apply([change(created(name), position=position)], position=position)
    await database.close()
    return file


async def rebuilt(file: Path) -> Rebuilt:
    settings = read_settings({"LAB_DATA_DIR": str(file.parent)})
    return await rebuild_views(settings, take_over=False, report=lambda _position, _end: None)


async def assert_whole(file: Path) -> None:
    assert damage_of(file) == ""
    assert judge(file).standing is Standing.SOUND
    assert audit(file, lambda _position, _end: None).events == len(NAMES)
    database = SqliteDatabase.open(file, clock=SettableClock())
    views = SqliteReadModel(database)
    for name in NAMES:
        assert await views.get(LabKey("class-a", name)) is not None
    assert await views.position() == len(NAMES)
    await database.close()


def zero_page_of(file: Path, name: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        [page] = connection.execute(query, (name,)).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as content:
        content.seek((page - 1) * size)
        content.write(bytes(size))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE views SET document = '{' WHERE name = 'ann'",
        "UPDATE views SET document = '{', labels = '[' WHERE name = 'ann'",
        "UPDATE views SET state = 'unheard-of'",
        "DELETE FROM views",
        "DELETE FROM checkpoint",
        "UPDATE checkpoint SET position = 99999",
        "INSERT INTO documents VALUES ('namespace', '', 'x', 1, 1, '{')",
    ],
)
async def test_rows_that_are_wrong_are_replaced(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        made = triggers.fetchall()
        for name, _ in made:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in made:
            connection.execute(sql)
    assert (await rebuilt(file)).views == len(NAMES)
    await assert_whole(file)


@pytest.mark.parametrize(
    "name", ["views", "views_uid", "views_state", "labels", "checkpoint", "documents", "followers"]
)
async def test_pages_that_are_damaged_are_left_behind_in_a_file_that_is_kept(
    file: Path, name: str
) -> None:
    zero_page_of(file, name)
    assert damage_of(file)
    assert (await rebuilt(file)).views == len(NAMES)
    await assert_whole(file)
    [kept] = file.parent.glob("labs.sqlite.damaged-*")
    assert damage_of(kept)


async def test_the_file_has_its_name_at_every_moment_of_its_replacement(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = os.replace

    def on_a_broken_disk(source: Path, target: Path) -> None:
        if target == file:
            raise OSError(errno.EIO, "the disk is broken")
        move(source, target)

    zero_page_of(file, "views")
    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", on_a_broken_disk)
        broken.setattr(os, "rename", on_a_broken_disk)
        with pytest.raises(Unusable, match="the disk is broken"):
            await rebuilt(file)
    assert judge(file).standing is Standing.SOUND
    assert (await rebuilt(file)).views == len(NAMES)
    await assert_whole(file)


async def test_damaged_files_that_were_kept_stay_and_hinder_no_other_rebuild(
    file: Path,
) -> None:
    clock = SettableClock()
    for attempt in range(3):
        zero_page_of(file, "views")
        database = SqliteDatabase.open(file, clock=clock)
        generations = SqliteViewGenerations(file, clock, release=database.close)
        await rebuild(
            SqliteEventStore(database), SqliteReadModel(database), generations, lambda *_: None
        )
        kept = [
            path
            for path in file.parent.glob("labs.sqlite.damaged-*")
            if not path.name.endswith(("-wal", "-shm"))
        ]
        assert len(kept) == attempt + 1
        assert all(damage_of(path) for path in kept)
    await assert_whole(file)
