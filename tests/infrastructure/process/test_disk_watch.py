"""A lab that takes too much of the disk ends, keeps its files, and comes back when it fits."""

import asyncio
import errno
import itertools
import os
import threading
from pathlib import Path

import pytest

from application.ports.provisioner import RuntimeRefused
from domain.lab_instance.observation import Absent
from infrastructure.process.disk_use import Measurement
from tests.contracts.provisioner_waiting import ended, request, running
from tests.infrastructure.process.ground import Ground, closing
from tests.infrastructure.process.scripts import PLAIN

MIB = 1024 * 1024


def allocated(path: Path, mib: int) -> None:
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, mib * MIB)


async def test_a_lab_that_takes_too_much_ends_and_comes_back_when_room_was_made(
    plain_ground: Ground,
) -> None:
    small = plain_ground.add_template("small", PLAIN, resources="{diskMib: 16}")
    plain_ground.settings["disk_pause"] = 0.02
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        for uid in ("uid-1", "uid-2"):
            await provisioner.ensure(request(uid, template=small))
            await running(provisioner, uid)
        large = plain_ground.path_of("uid-1") / "work/large"
        allocated(large, 17)

        seen = await ended(provisioner, "uid-1")
        assert seen.reason == "DiskLimitExceeded"
        assert seen.message.startswith("its files take more than 16 MiB")
        assert await anext(provisioner.exits()) == "uid-1", "whoever looks after it is woken"
        with pytest.raises(RuntimeRefused, match="DiskLimitExceeded") as refused:
            await provisioner.ensure(request(revision=2, template=small))
        assert refused.value.permanent
        assert plain_ground.pids_of("uid-1") == []
        await provisioner.terminate("uid-1", keep_files=True)
        assert await provisioner.observe("uid-1") == Absent()
        with pytest.raises(RuntimeRefused, match="DiskLimitExceeded"):
            await provisioner.ensure(request(revision=3, template=small))
        assert large.stat().st_size == 17 * MIB, "nobody's work is touched"

        large.unlink()
        await provisioner.ensure(request(revision=4, template=small))
        await running(provisioner, "uid-1")
        await running(provisioner, "uid-2")


async def test_a_lab_of_an_earlier_service_is_measured_too(plain_ground: Ground) -> None:
    small = plain_ground.add_template("small", PLAIN, resources="{diskEntries: 1000}")
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request(template=small))
        await running(provisioner, "uid-1")
        await provisioner.close()
        for number in range(1000):
            (plain_ground.path_of("uid-1") / f"work/{number}").touch()

        plain_ground.settings["disk_pause"] = 0.02
        later = plain_ground.provisioner()
        async with closing(plain_ground, later):
            seen = await ended(later, "uid-1")
            assert seen.reason == "DiskLimitExceeded"
            assert "more than 1000" in seen.message


async def test_a_lab_that_cannot_be_measured_counts_as_one_that_takes_too_much(
    plain_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(self: Measurement, entries: int) -> bool:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Measurement, "work", locked)
    plain_ground.settings["disk_pause"] = 0.02
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request())
        seen = await ended(provisioner, "uid-1")
        assert seen.reason == "DiskLimitExceeded"
        assert "cannot be seen" in seen.message
        assert "Permission denied" in seen.message


async def test_a_lab_that_cannot_be_measured_once_is_measured_again(
    plain_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured, looks = Measurement.work, itertools.count()
    often = threading.Event()

    def locked_at_times(self: Measurement, entries: int) -> bool:
        look = next(looks)
        if look > 6:
            often.set()
        if look % 2:
            return measured(self, entries)
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Measurement, "work", locked_at_times)
    plain_ground.settings["disk_pause"] = 0.02
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request())
        await running(provisioner, "uid-1")
        assert await asyncio.to_thread(often.wait, 10)
        await running(provisioner, "uid-1")


async def test_a_machine_without_descriptors_is_no_labs_fault(
    plain_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = threading.Event()

    def exhausted(self: Measurement, entries: int) -> bool:
        met.set()
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(Measurement, "work", exhausted)
    plain_ground.settings["disk_pause"] = 0.02
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request())
        await running(provisioner, "uid-1")
        met.clear()
        assert await asyncio.to_thread(met.wait, 10)
        await running(provisioner, "uid-1")
