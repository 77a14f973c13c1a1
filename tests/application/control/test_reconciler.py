"""What is overdue is found by the safety net, what a pass costs, and what it survives."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from application.ports.read_model import Page, ReadModelUnavailable
from application.ports.views import LabInstanceView
from domain.lab_instance.control_commands import (
    ExpireLabInstance,
    ResumeDeletion,
    ResumeProvisioning,
    TimeOutProvisioning,
)
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Running
from domain.lab_instance.status import LabState
from infrastructure.memory.read_model import MemoryReadModel
from tests.application.control.arrangement import LAB, Service, keys, mute_service, settings
from tests.fakes.virtual_time import in_virtual_time, until


@in_virtual_time
async def test_a_lab_nobody_picked_up_is_called_for() -> None:
    service = Service()
    async with service.running():
        await asyncio.sleep(0)
        service.deafen()
        await service.create()
        await asyncio.sleep(70)
    [command] = service.recording.by("reconciler")
    assert isinstance(command, ResumeProvisioning)
    assert service.seen.corrections == {"ResumeProvisioning": 1}


@in_virtual_time
async def test_an_attempt_nobody_ends_is_timed_out_and_a_lab_nobody_retires_expires() -> None:
    service = Service(delay=20)
    slow = LabKey("class-a", "slow")
    async with service.running():
        await service.create(duration="60s")
        await until(lambda: service.is_(LabState.READY), within=30)
        await service.create(slow)
        await until(lambda: service.is_(LabState.PROVISIONING, slow), within=1)
        service.deafen()
        await asyncio.sleep(180)
    kinds = {type(command) for command in service.recording.by("reconciler")}
    assert {TimeOutProvisioning, ExpireLabInstance, ResumeDeletion} <= kinds
    assert await service.is_(LabState.DELETING)


@in_virtual_time
async def test_an_attempt_that_is_late_because_of_an_outage_is_not_timed_out() -> None:
    service = Service(delay=20)
    async with service.running():
        await service.create()
        await until(lambda: service.is_(LabState.PROVISIONING), within=1)
        service.deafen()
        service.world.faults.outage = "gone"
        await asyncio.sleep(120)
    assert service.recording.by("reconciler") == []
    assert await service.told() == ["LabInstanceCreated", "ProvisioningStarted"]


@in_virtual_time
async def test_a_failed_lab_with_something_still_running_is_stopped() -> None:
    service = Service()
    service.world.faults.doomed.add(LAB)
    async with service.running():
        uid = await service.create()
        await until(lambda: service.is_(LabState.FAILED), within=60)
        await asyncio.sleep(1)
        service.world.plant(LAB, uid)
        await asyncio.sleep(6)
        assert not isinstance(await service.world.observe(uid), Running)


@in_virtual_time
async def test_failing_labs_never_stop_the_rest_nor_eat_the_batch() -> None:
    service = Service(settings=settings(reconcile_batch=5, max_concurrent_provisioning=50))
    bad, good = keys(5), keys(10, "class-b")
    async with service.running():
        await asyncio.sleep(0)
        service.deafen()
        for key in (*bad, *good):
            await service.create(key)
        service.recording.poisoned.update(bad)
        await asyncio.sleep(60 + 5 * 5)
    resumed = {command.lab for command in service.recording.by("reconciler")}
    assert set(good) <= resumed
    for key in good:
        assert "ProvisioningResumed" in await service.told(key)


class CountedReadModel(MemoryReadModel):
    """Counts the views it hands out, and fails while told to."""

    def __init__(self) -> None:
        super().__init__()
        self.handed_out = 0
        self.outage = False

    async def due(self, now: datetime, *, limit: int) -> Sequence[LabInstanceView]:
        if self.outage:
            raise ReadModelUnavailable("gone")
        views = await super().due(now, limit=limit)
        self.handed_out += len(views)
        return views

    async def unsettled(self, *, after: LabKey | None, limit: int) -> Page:
        page = await super().unsettled(after=after, limit=limit)
        self.handed_out += len(page.views)
        return page


@in_virtual_time
async def test_a_pass_costs_what_is_due_and_the_batch_however_many_labs_there_are() -> None:
    service = Service(settings=settings(reconcile_batch=10, max_concurrent_provisioning=50))
    read_model = service.read_model = CountedReadModel()
    service.assemble()
    labs = keys(200)
    async with service.running():
        uids = await service.bring_up(labs)
        read_model.handed_out = 0
        passes = len(service.seen.passes)
        await asyncio.sleep(60)
        passes = len(service.seen.passes) - passes
        assert read_model.handed_out <= 10 * passes
        await service.world.terminate(uids[labs[137]], keep_files=False)
        await until(lambda: service.has_drifted(labs[137]), within=5 * 21, step=0.5)


@in_virtual_time
async def test_a_read_model_that_is_gone_for_a_while_is_survived() -> None:
    service = mute_service()
    read_model = service.read_model = CountedReadModel()
    service.assemble()
    async with service.running():
        uid = (await service.bring_up())[LAB]
        read_model.outage = True
        service.world.kill(uid)
        await until(service.has_drifted, within=5.1)
        await asyncio.sleep(30)
        read_model.outage = False
        await asyncio.sleep(10)
        assert service.control.troubles == ()


@in_virtual_time
async def test_a_clock_that_jumps_ahead_retires_labs_within_the_interval() -> None:
    service = Service()
    async with service.running():
        await service.bring_up()
        service.clock.jump(timedelta(hours=2))
        await until(lambda: service.is_(LabState.DELETED), within=5.5)


@in_virtual_time
@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(days=2)])
async def test_a_clock_that_jumps_back_leaves_nothing_stuck(back: timedelta) -> None:
    service = Service()
    async with service.running():
        await service.bring_up()
        service.clock.jump(-back)
        second = LabKey("class-a", "second")
        await service.create(second)
        await until(lambda: service.is_(LabState.READY, second), within=3)
        await service.delete()
        await until(lambda: service.is_(LabState.DELETED), within=1)
