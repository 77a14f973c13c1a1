"""What cannot be meant: one line says so, and everything is as it was."""

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.command_line.cli import app
from application.ports.event_store import EMPTY
from infrastructure.data_directory.claim import DataDirectory
from infrastructure.settings import read_settings
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.schema import SCHEMA_VERSION
from infrastructure.unusable import Unusable
from infrastructure.wiring.adapters import open_adapters
from tests.contracts.given import SettableClock, created, new


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    return await service_with("ann", at=directory(tmp_path / "data"))


def directory(at: Path) -> Path:
    at.mkdir(mode=0o700)
    return at


async def service_with(*names: str, at: Path) -> Path:
    """A data directory with a log of these labs."""
    database = SqliteDatabase.open(at / "labs.sqlite", clock=SettableClock())
    for name in names:
        stream = f"labinstance-class-a/{name}"
        await SqliteEventStore(database).append(stream, [new(created(name))], expected=EMPTY)
    await database.close()
    return at


def contents(directory: Path) -> Mapping[str, bytes]:
    """Every file in it, save the one that says who works there, and what SQLite keeps beside."""
    passing = {"service.lock", "labs.sqlite-shm"}
    return {
        str(file.relative_to(directory)): file.read_bytes()
        for file in directory.rglob("*")
        if file.is_file() and file.name not in passing and file.stat().st_size
    }


def refused(data: Path, *arguments: str) -> str:
    """The one line with which the command ends; nothing in the directory has changed."""
    before = contents(data)
    ended = CliRunner().invoke(app, arguments, env={"LAB_DATA_DIR": str(data)})
    assert (ended.exit_code, ended.stdout) == (2, ""), ended.output
    [told] = [line for line in ended.stderr.splitlines() if line.startswith("labctl: ")]
    assert contents(data) == before
    return told


def done(data: Path, *arguments: str) -> str:
    ended = CliRunner().invoke(app, arguments, env={"LAB_DATA_DIR": str(data)})
    assert ended.exit_code == 0, ended.output
    return ended.stdout


async def start_refused(data: Path) -> str:
    """With what a start ends; nothing in the directory has changed."""
    before = contents(data)
    settings = read_settings({"LAB_DATA_DIR": str(data), "LAB_PROVISIONER": "simulated"})
    with pytest.raises(Unusable) as refusal:
        async with open_adapters(settings):
            raise AssertionError("it was opened")
    assert contents(data) == before
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


async def test_a_log_of_a_newer_version(data: Path) -> None:
    with closing(sqlite3.connect(data / "labs.sqlite")) as file:
        file.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    told = await start_refused(data)
    assert f"schema version {SCHEMA_VERSION + 1}" in told
    assert "use the newer program" in told


@pytest.mark.parametrize("has_tip", [False, True])
async def test_a_database_of_somebody_else_in_the_place_of_the_log(
    data: Path, has_tip: bool
) -> None:
    put_songs(data, keeping={"labs.tip"} if has_tip else set())
    told = await start_refused(data)
    assert ("it is not a log of ours" if has_tip else "made by another program") in told


def put_songs(data: Path, *, keeping: Collection[str]) -> None:
    for file in data.iterdir():
        if file.name not in keeping:
            file.unlink()
    with closing(sqlite3.connect(data / "labs.sqlite")) as database:
        database.execute("CREATE TABLE songs (title TEXT)")


async def test_a_copy_that_is_cut(data: Path, tmp_path: Path) -> None:
    done(data, "backup", str(tmp_path / "copy.sqlite"))
    whole = (tmp_path / "copy.sqlite").read_bytes()
    for length in (0, 100, len(whole) // 2, len(whole) - 4096):
        (tmp_path / "copy.sqlite").write_bytes(whole[:length])
        assert "copy.sqlite' is not whole" in refused(
            data, "restore", str(tmp_path / "copy.sqlite")
        )


async def test_a_copy_of_another_service(data: Path, tmp_path: Path) -> None:
    other = await service_with("eve", "fay", at=directory(tmp_path / "other"))
    done(other, "backup", str(tmp_path / "copy.sqlite"))
    told = refused(data, "restore", str(tmp_path / "copy.sqlite"))
    assert "copy.sqlite' is of another log" in told
    assert "an empty LAB_DATA_DIR" in told


async def test_a_copy_onto_a_directory_in_use(data: Path, tmp_path: Path) -> None:
    done(data, "backup", str(tmp_path / "copy.sqlite"))
    with DataDirectory.claim(data):
        assert "is in use by process" in refused(data, "restore", str(tmp_path / "copy.sqlite"))


async def test_a_copy_that_was_put_back_already(data: Path, tmp_path: Path) -> None:
    done(data, "backup", str(tmp_path / "copy.sqlite"))
    (data / "labs.sqlite").unlink()
    assert "nothing was lost" in done(data, "restore", str(tmp_path / "copy.sqlite"))
    told = refused(data, "restore", str(tmp_path / "copy.sqlite"))
    assert "there is nothing to restore: the log holds what" in told


async def test_a_copy_that_is_not_there_or_no_file(data: Path, tmp_path: Path) -> None:
    assert "there is no file" in refused(data, "restore", str(tmp_path / "nothing.sqlite"))
    assert "is a directory and no file" in refused(data, "restore", str(tmp_path))


async def test_words_about_what_is_not_there(data: Path) -> None:
    assert "nothing to adopt: the log is sound" in refused(data, "adopt")
    assert "nothing to discard: no lab is unknown" in refused(data, "discard", "--yes")
    assert "'uid-9' is not among the labs unknown to the log" in refused(data, "discard", "uid-9")
