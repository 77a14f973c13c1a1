"""What students and strangers do to labs that run: stopped, moved and removed."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest

from application.ports.provisioner import RuntimeNotFound
from infrastructure.process.provisioner import ProcessProvisioner
from tests.contracts.provisioner_waiting import ended, request, running
from tests.infrastructure.process.ground import Ground, closing
from tests.infrastructure.process.scripts import PLAIN


async def test_a_stopped_lab_ends_as_fast_as_any_other(
    provisioner: ProcessProvisioner, ground: Ground
) -> None:
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    for pid in ground.pids_of("uid-1"):
        os.kill(pid, signal.SIGSTOP)
    async with asyncio.timeout(1):  # well below the grace that labs get
        await provisioner.terminate("uid-1", keep_files=False)
    assert ground.pids_of("uid-1") == []


@pytest.mark.parametrize("removed", ["", "work", "token"])
async def test_a_lab_whose_files_were_removed_is_repaired(ground: Ground, removed: str) -> None:
    provisioner = ground.provisioner()
    async with closing(ground, provisioner):
        await provisioner.ensure(request())
        await running(provisioner, "uid-1")
        gone = ground.path_of("uid-1") / removed
        if gone.is_dir():
            shutil.rmtree(gone)
        else:
            gone.unlink()
        if removed == "work":
            gone.write_text("not the directory it was")
        assert (await ended(provisioner, "uid-1")).reason == "FilesGone"
        await provisioner.ensure(request(revision=2))
        await running(provisioner, "uid-1")
        assert (ground.path_of("uid-1") / "work/index.html").exists()
        assert (await provisioner.access("uid-1")).partition("token=")[2]


async def test_no_link_is_given_to_a_lab_whose_secret_is_gone(
    provisioner: ProcessProvisioner, ground: Ground
) -> None:
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    (ground.path_of("uid-1") / "token").unlink()
    with pytest.raises(RuntimeNotFound):
        await provisioner.access("uid-1")


@pytest.mark.parametrize("damage", ["directory", "bytes", "empty"])
async def test_a_damaged_secret_is_that_labs_trouble_alone_and_is_repaired(
    plain_ground: Ground, damage: str
) -> None:
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        for uid in ("uid-1", "uid-2"):
            await provisioner.ensure(request(uid))
            await running(provisioner, uid)
        _damage(plain_ground.path_of("uid-1") / "token", damage)
        assert {seen.uid for seen in await provisioner.list()} == {"uid-1", "uid-2"}
        with pytest.raises(RuntimeNotFound):
            await provisioner.access("uid-1")
        assert await provisioner.logs("uid-1", tail=10) is not None
        assert (await ended(provisioner, "uid-1")).reason == "FilesGone"
        await provisioner.ensure(request(revision=2))
        await running(provisioner, "uid-1")
        assert (await provisioner.access("uid-1")).partition("token=")[2]


@pytest.mark.parametrize("log", ["log", "log.old"])
@pytest.mark.parametrize("damage", ["directory", "pipe"])
async def test_a_damaged_log_holds_nobody_up(plain_ground: Ground, log: str, damage: str) -> None:
    plain_ground.settings["log_limit"] = 1
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request())
        await running(provisioner, "uid-1")
        directory = plain_ground.path_of("uid-1")
        (directory / "log").write_text("as long as it takes\n")
        _damage(directory / log, damage)
        async with asyncio.timeout(5):
            for _ in range(3):
                await asyncio.sleep(0.06)
                assert [seen.uid for seen in await provisioner.list()] == ["uid-1"]
            await provisioner.logs("uid-1", tail=10)


@pytest.mark.parametrize("meddling", ["link", "file", "nothing"])
async def test_starter_files_never_leave_the_labs_directory_and_never_hold_it_up(
    plain_ground: Ground, tmp_path: Path, meddling: str
) -> None:
    template = plain_ground.add_template(
        "course", PLAIN, files="[{source: course.py, target: course/start.py}]"
    )
    outside = tmp_path / "outside"
    outside.mkdir()
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request(template=template))
        await running(provisioner, "uid-1")
        course = plain_ground.path_of("uid-1") / "work/course"
        shutil.rmtree(course)
        if meddling == "link":
            course.symlink_to(outside)
        elif meddling == "file":
            course.write_text("mine")
        await provisioner.ensure(request(template=template, revision=2))
        await running(provisioner, "uid-1")
        assert list(outside.iterdir()) == []
        assert (course / "start.py").exists() == (meddling == "nothing")


@pytest.mark.parametrize("damage", ["directory", "port", "uid", "bytes", "empty", "list"])
async def test_a_damaged_record_is_that_labs_trouble_alone(
    plain_ground: Ground, damage: str
) -> None:
    first = plain_ground.provisioner()
    async with closing(plain_ground, first):
        for uid in ("uid-1", "uid-2"):
            await first.ensure(request(uid))
            await running(first, uid)
        await first.close()
        _damage_record(plain_ground, damage)
        second = plain_ground.provisioner()
        async with closing(plain_ground, second):
            assert {seen.uid for seen in await second.list()} == {"uid-1", "uid-2"}
            await running(second, "uid-2")
            assert (await ended(second, "uid-1")).reason == "Orphaned"
            await second.ensure(request(revision=2))
            await running(second, "uid-1")
            assert plain_ground.record_of("uid-1")["revision"] == 2


def _damage(path: Path, damage: str) -> None:
    path.unlink(missing_ok=True)
    match damage:
        case "directory":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "bytes":
            path.write_bytes(b"\xff\xfe")
        case _:
            path.write_bytes(b"")


def _damage_record(ground: Ground, damage: str) -> None:
    record = ground.path_of("uid-1") / "record.json"
    match damage:
        case "directory" | "bytes" | "empty":
            _damage(record, damage)
        case "port":
            ground.change_record("uid-1", port=99_999_999)
        case "uid":
            record.write_text(record.read_text().replace("uid-1", "uid-2"))
        case _:
            record.write_text("[1, 2]")
