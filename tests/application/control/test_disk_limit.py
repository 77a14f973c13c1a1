"""A lab that takes too much of the disk is ended once, named, kept, and retried by a person;
without room on the disk labs wait, and hold up nobody."""

import asyncio

from application.ports.provisioner import NoRoomToStart, RuntimeRequest
from domain.lab_instance.commands import RetryLabInstance
from domain.lab_instance.events import DriftDetected
from domain.lab_instance.observation import Absent
from domain.lab_instance.status import LabState
from tests.application.control.arrangement import LAB, Service, keys
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


@in_virtual_time
async def test_labs_wait_for_room_with_its_name_and_hold_up_no_removal() -> None:
    service = Service()
    async with service.running():
        await service.bring_up()
        ensure = service.world.ensure
        full = True

        async def refuse_while_full(request: RuntimeRequest) -> None:
            if full:
                raise NoRoomToStart("3 MiB are free")
            await ensure(request)

        service.world.ensure = refuse_while_full  # type: ignore[method-assign]
        labs = keys(12)
        for key in labs:
            await service.create(key)
        await asyncio.sleep(60)
        for key in labs:
            lab = await service.lab(key)
            assert (lab.reason, lab.retries, lab.postponed) == ("NoRoomToStart", 0, True)
            assert (await service.told(key)).count("ProvisioningStarted") < 12
        assert service.control.gate.in_service
        await service.delete()
        await until(lambda: service.is_(LabState.DELETED), within=1)

        full = False
        await until(lambda: service.all_are(LabState.READY, labs), within=120, step=0.1)
