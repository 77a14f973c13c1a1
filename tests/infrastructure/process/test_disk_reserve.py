"""With too little room on the disk no lab starts, and everything else goes on."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from application.ports.provisioner import NoRoomToStart, RuntimeRefused
from infrastructure.process.disk_reserve import shortage
from tests.contracts.provisioner_waiting import ended, request, running
from tests.infrastructure.process.ground import Ground, closing
from tests.infrastructure.process.scripts import PLAIN

MIB = 1024 * 1024


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what the disk says of itself."""

    def become(*, free: int, size: int = 100_000, files: int = 1_000_000, left: int) -> None:
        said = (MIB, MIB, size, free, free, files, left, left, 0, 255)
        monkeypatch.setattr(os, "statvfs", lambda _place: os.statvfs_result(said))

    return become


@pytest.mark.parametrize(
    ("free", "size", "files", "left", "told"),
    [
        (256, 100_000, 1_000_000, 1000, ""),
        (255, 100_000, 1_000_000, 1000, "255 MiB are free on the labs' disk"),
        (60, 1000, 1_000_000, 1000, ""),
        (49, 1000, 1_000_000, 1000, "less than the reserve of 50 MiB"),
        (9000, 100_000, 1_000_000, 999, "room for 999 files"),
        (9000, 100_000, 0, 0, ""),
    ],
)
def test_a_shortage_is_told_with_what_is_left(
    disk: Callable[..., None], free: int, size: int, files: int, left: int, told: str
) -> None:
    disk(free=free, size=size, files=files, left=left)
    found = shortage(Path("/"), 256)
    assert told in found
    assert bool(found) == bool(told)


def test_a_reserve_of_nothing_asks_for_nothing(disk: Callable[..., None]) -> None:
    disk(free=0, left=0)
    assert shortage(Path("/"), 0) == ""


async def test_a_short_disk_keeps_labs_from_starting_and_lets_others_run_and_go(
    plain_ground: Ground, disk: Callable[..., None]
) -> None:
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request("uid-1"))
        before = await running(provisioner, "uid-1")
        disk(free=20, left=1_000_000)

        with pytest.raises(NoRoomToStart, match=r"^no lab is started: 20 MiB are free on the"):
            await provisioner.ensure(request("uid-2"))
        with pytest.raises(NoRoomToStart):
            await provisioner.ensure(request("uid-1", revision=2))
        assert await provisioner.observe("uid-1") == before, "it is not stopped for a start"
        health = await provisioner.probe()
        assert health.full
        assert "no lab is started: 20 MiB are free" in health.message
        await provisioner.terminate("uid-1", keep_files=False)
        assert not plain_ground.path_of("uid-1").exists()

        disk(free=9000, left=1_000_000)
        await provisioner.ensure(request("uid-2"))
        await running(provisioner, "uid-2")


async def test_a_lab_that_fills_the_disk_is_stopped_though_nothing_can_start(
    plain_ground: Ground, disk: Callable[..., None]
) -> None:
    small = plain_ground.add_template("small", PLAIN, resources="{diskMib: 16}")
    plain_ground.settings["disk_pause"] = 0.02
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request(template=small))
        await running(provisioner, "uid-1")
        with (plain_ground.path_of("uid-1") / "work/large").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, 17 * MIB)
        assert (await ended(provisioner, "uid-1")).reason == "DiskLimitExceeded"
        disk(free=20, left=1_000_000)

        with pytest.raises(RuntimeRefused, match="DiskLimitExceeded"):
            await provisioner.ensure(request(template=small, revision=2))
        assert plain_ground.pids_of("uid-1") == []
