"""Directories of labs go, whatever is in them, in pieces, and absence is looked for."""

import asyncio
import json
import subprocess
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from domain.lab_instance.observation import Absent
from infrastructure.process.departures import Departures, RemovalUnfinished
from infrastructure.process.files import LabFiles
from infrastructure.process.removal import NotRemovable, Removal, is_gone
from infrastructure.process.workers import Workers
from tests.contracts.provisioner_waiting import request, running
from tests.infrastructure.process.foreign import dig, strew
from tests.infrastructure.process.ground import Ground, closing

RECORD = {
    "lab": {"namespace": "class", "name": "ada"},
    "uid": "uid-1",
    "revision": 1,
    "template": "static",
    "spec_hash": "",
    "port": 40000,
    "isolation": "bubblewrap",
    "boot_id": "of an earlier day",
}


@pytest.fixture
def files(tmp_path: Path) -> LabFiles:
    made = LabFiles(tmp_path, "uid-1")
    made.work.mkdir(parents=True)
    (made.directory / "record.json").write_text(json.dumps(RECORD))
    return made


def take_away(files: LabFiles) -> None:
    removal = Removal(files.root, files.uid)
    while not removal.work(0.05):
        pass


def test_neither_depth_nor_number_nor_locks_matter(files: LabFiles) -> None:
    dig(files.work, 2_100, mode=0o000)
    strew(files.work / "d/many", 1_000)
    files.work.chmod(0o000)

    take_away(files)

    assert list(files.root.iterdir()) == []


def test_every_piece_ends_soon_and_the_next_goes_on(files: LabFiles) -> None:
    strew(files.work, 500)
    pieces = 0

    while not Removal(files.root, files.uid).work(0.0005):  # as if the service died after each
        pieces += 1

    assert pieces > 3
    assert is_gone(files)


def test_whose_it_was_is_known_until_the_end(files: LabFiles) -> None:
    strew(files.work, 500)
    removal = Removal(files.root, files.uid)

    while not removal.work(0.0005):
        [aside] = files.root.iterdir()
        assert (aside / "record.json").exists()


def test_removal_follows_no_link(files: LabFiles, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    strew(outside, 3)
    (files.work / "link").symlink_to(outside)
    (files.work / "deeper").mkdir()
    (files.work / "deeper/link").symlink_to(outside)
    (files.directory / "log").symlink_to(outside / "1")

    take_away(files)

    assert len(list(outside.iterdir())) == 3


def test_a_lab_is_not_taken_for_another_whose_uid_begins_alike(files: LabFiles) -> None:
    other = files.root / f".removed-uid-1-b-{uuid4()}"
    other.mkdir()

    take_away(files)

    assert other.is_dir()


def test_removal_names_what_stays_and_takes_the_rest(files: LabFiles) -> None:
    stays = files.work / "deeper/stays"
    stays.mkdir(parents=True)
    strew(files.work, 10)
    if subprocess.run(["chattr", "+i", stays], capture_output=True, check=False).returncode:
        pytest.skip("this file system knows no immutable directories")

    with pytest.raises(NotRemovable) as caught:
        take_away(files)
    [aside] = files.root.iterdir()
    left = [path for path in aside.rglob("*") if path.name != "record.json"]
    subprocess.run(["chattr", "-R", "-i", aside], check=True)

    assert caught.value.directory == aside
    assert "not permitted" in caught.value.reason
    assert {path.name for path in left} >= {"stays"}
    assert not any(path.is_file() for path in left)
    take_away(files)
    assert is_gone(files)


async def test_a_removal_keeps_its_asker_for_a_while_only_and_others_not_at_all(
    files: LabFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infrastructure.process.departures._PATIENCE", 0.001)
    strew(files.work, 1_000)
    (files.root / "uid-2").mkdir()
    workers = Workers()
    departures = Departures(files.root, workers)

    with pytest.raises(RemovalUnfinished, match="uid-1"):
        await departures.remove("uid-1")
    monkeypatch.setattr("infrastructure.process.departures._PATIENCE", 60.0)
    assert await departures.remove("uid-2")
    assert not is_gone(files)
    assert await departures.remove("uid-1")
    await departures.close()
    workers.close()

    assert is_gone(files)


async def test_leftovers_that_an_earlier_service_called_removed_are_listed_and_go(
    plain_ground: Ground,
) -> None:
    root = plain_ground.data_dir / "labs"
    aside = root / f".removed-uid-1-{uuid4()}"
    aside.mkdir(parents=True)
    dig(aside, 1_100)
    (aside / "record.json").write_text(json.dumps(RECORD))
    provisioner = plain_ground.provisioner()
    async with asyncio.timeout(60), closing(plain_ground, provisioner):
        [left] = await provisioner.list()
        assert (str(left.lab), left.uid, left.observation) == ("class/ada", "uid-1", Absent())
        await provisioner.ensure(request("uid-2"))
        await running(provisioner, "uid-2")
        while aside.exists():
            with suppress(RemovalUnfinished):  # on a slow machine; it goes on meanwhile
                assert "directory is removed" in await provisioner.terminate(
                    "uid-1", keep_files=False
                )
        assert "nothing to remove" in await provisioner.terminate("uid-1", keep_files=False)


async def test_a_proof_counts_the_processes_that_earlier_tries_have_ended(
    plain_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request())
        await running(provisioner, "uid-1")
        strew(plain_ground.path_of("uid-1") / "work", 1_000)
        monkeypatch.setattr("infrastructure.process.departures._PATIENCE", 0.001)
        with pytest.raises(RemovalUnfinished):
            await provisioner.terminate("uid-1", keep_files=False)
        monkeypatch.setattr("infrastructure.process.departures._PATIENCE", 60.0)
        proof = await provisioner.terminate("uid-1", keep_files=False)
        assert proof.startswith("processes ended: 1;")
