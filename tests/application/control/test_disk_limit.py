"""A lab that takes too much of the disk is ended once, named, kept, and retried by a person."""

import asyncio

from domain.lab_instance.commands import RetryLabInstance
from domain.lab_instance.events import DriftDetected
from domain.lab_instance.observation import Absent
from domain.lab_instance.status import LabState
from tests.application.control.arrangement import LAB, Service
from tests.fakes.provisioner import Overfull
from tests.fakes.virtual_time import in_virtual_time, until


@in_virtual_time
async def test_a_lab_that_takes_too_much_fails_at_once_and_waits_for_a_person() -> None:
    service = Service()
    world = Overfull(delay=1, failure_rate=0, randomness=service.randomness)
    service.world = world
    service.assemble()
    async with service.running():
        uid = (await service.bring_up())[LAB]
        world.fill(uid)
        await until(lambda: service.is_(LabState.FAILED), within=2)
        await asyncio.sleep(600)

        assert (await service.told())[3:] == ["DriftDetected", "ProvisioningStarted", "Failed"]
        [drift] = [one for one in await service.facts() if isinstance(one, DriftDetected)]
        assert (drift.reason, drift.message) == ("DiskLimitExceeded", "its files are too many")
        assert (await service.lab()).reason == "DiskLimitExceeded"
        assert await world.observe(uid) == Absent()
        assert await world.logs(uid, tail=1), "it was stopped with its files kept"

        await service.send(RetryLabInstance(lab=LAB))
        await until(lambda: service.is_(LabState.FAILED), within=2)
        world.over = frozenset()
        await service.send(RetryLabInstance(lab=LAB))
        await until(lambda: service.is_(LabState.READY), within=5)
