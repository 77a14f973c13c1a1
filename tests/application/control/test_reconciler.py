"""What the safety net finds, and what it costs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import pytest

from application.notifications import OrphanFound
from application.ports.provisioner import Runtime
from application.ports.read_model import Page, ReadModelUnavailable
from application.streams import stream_of
from application.views import LabInstanceView
from domain.lab_instance.commands import (
    ExpireLabInstance,
    ReportDrift,
    ResumeDeletion,
    ResumeProvisioning,
    TimeOutProvisioning,
)
from domain.lab_instance.events import DriftDetected, OrphanTerminated
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Running
from domain.lab_instance.status import LabState
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.simulated.provisioner import SimulatedProvisioner
from tests.application.control.arrangement import LAB, Service, keys, settings
from tests.fakes.virtual_time import in_virtual_time, until

STRAY = LabKey("class-x", "stray")


async def _ready(service: Service, labs: Sequence[LabKey] = (LAB,)) -> dict[LabKey, str]:
    uids = {key: await service.create(key) for key in labs}
    await until(lambda: service.all_are(LabState.READY, labs), within=300, step=0.1)
    return uids


def _deaf(service: Service) -> None:
    """Let the controllers miss every event from now on, as a bug would."""
    service.control.queue.close()


@in_virtual_time
async def test_a_lab_nobody_picked_up_is_called_for() -> None:
    service = Service()
    async with service.running():
        await asyncio.sleep(0)
        _deaf(service)
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
        _deaf(service)
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
        _deaf(service)
        service.world.faults.outage = "gone"
        await asyncio.sleep(120)
    assert service.recording.by("reconciler") == []
    assert await service.told() == ["LabInstanceCreated", "ProvisioningStarted"]


@in_virtual_time
async def test_a_runtime_that_dies_is_repaired_at_once_when_the_provisioner_tells() -> None:
    service = Service()
    async with service.running():
        uid = (await _ready(service))[LAB]
        service.world.kill(uid)
        await until(lambda: service.is_(LabState.PROVISIONING), within=0.1)
        await until(lambda: service.is_(LabState.READY), within=3)
        assert isinstance(await service.world.observe(uid), Running)
    assert "DriftDetected" in await service.told()


class Mute(SimulatedProvisioner):
    """Gives no hints."""

    def exits(self) -> AsyncIterator[str]:
        return _silence()


class SlowLists(Mute):
    """Its lists are old when they arrive."""

    async def list(self) -> Sequence[Runtime]:
        found = await super().list()
        await asyncio.sleep(0.3)
        return found


async def _silence() -> AsyncIterator[str]:
    await asyncio.Event().wait()
    yield ""


def _mute() -> Service:
    service = Service()
    service.world = Mute(delay=1, failure_rate=0, randomness=service.randomness)
    service.assemble()
    return service


@in_virtual_time
async def test_a_runtime_that_dies_unnoticed_is_found_within_the_interval_and_repaired() -> None:
    service = _mute()
    async with service.running():
        uid = (await _ready(service))[LAB]
        service.world.kill(uid)
        await until(lambda: _drifted(service), within=5.1)
        await until(lambda: service.is_(LabState.READY), within=3)
    [command] = service.recording.by("reconciler")
    assert isinstance(command, ReportDrift)
    assert service.seen.corrections == {"ReportDrift": 1}


@in_virtual_time
async def test_a_runtime_that_vanished_without_a_trace_is_drift_too() -> None:
    service = _mute()
    async with service.running():
        uid = (await _ready(service))[LAB]
        await service.world.terminate(uid, keep_files=False)
        await until(lambda: _drifted(service), within=5.1)
        await until(lambda: service.is_(LabState.READY), within=3)
    drift = next(fact for fact in await service.facts() if isinstance(fact, DriftDetected))
    assert drift.reason == "RuntimeMissing"


@in_virtual_time
async def test_a_lab_that_drifts_again_and_again_is_given_up_with_the_reason() -> None:
    service = Service()
    async with service.running():
        uid = (await _ready(service))[LAB]
        for _ in range(4):
            await until(lambda: service.is_(LabState.READY), within=30)
            service.world.kill(uid)
            await until(lambda: _not_ready(service), within=1)
        await until(lambda: service.is_(LabState.FAILED), within=1)
    assert (await service.lab()).reason == "ProcessGone"


@in_virtual_time
async def test_a_list_that_fails_is_not_taken_for_an_empty_one() -> None:
    service = _mute()
    labs = keys(20)
    async with service.running():
        await _ready(service, labs)
        for _ in range(5):
            service.world.faults.outage = "gone"
            await asyncio.sleep(60)
            service.world.faults.outage = ""
            await asyncio.sleep(60)
    for key in labs:
        assert (await service.told(key))[-1] == "BecameReady"


@in_virtual_time
async def test_what_no_lab_owns_is_terminated_and_recorded_once() -> None:
    service = Service()
    async with service.running():
        owned = (await _ready(service))[LAB]
        service.world.plant(STRAY, "a-stray-uid")
        service.world.plant(LAB, "an-older-uid")
        await asyncio.sleep(6)
        assert [runtime.uid for runtime in await service.world.list()] == [owned]
        await asyncio.sleep(60)
    assert await service.told(STRAY) == ["OrphanTerminated"]
    [fact] = [fact for fact in await service.facts() if isinstance(fact, OrphanTerminated)]
    assert fact.uid == "an-older-uid"
    assert await service.is_(LabState.READY)
    assert service.seen.corrections == {"OrphanFound": 2}


@in_virtual_time
async def test_a_runtime_whose_owner_cannot_be_told_is_left_alone_and_others_are_removed() -> None:
    service = Service()
    doubtful = LabKey("class-x", "doubtful")
    service.store.unreadable.add(stream_of(doubtful))
    async with service.running():
        service.world.plant(doubtful, "a-doubtful-uid")
        service.world.plant(STRAY, "a-stray-uid")
        await asyncio.sleep(20)
        assert [runtime.uid for runtime in await service.world.list()] == ["a-doubtful-uid"]


@in_virtual_time
async def test_an_orphan_that_survives_is_tried_again() -> None:
    service = Service()
    service.world.faults.survivors.add("a-stray-uid")
    async with service.running():
        service.world.plant(STRAY, "a-stray-uid")
        await asyncio.sleep(20)
        assert await service.told(STRAY) == []
        service.world.faults.survivors.clear()
        await asyncio.sleep(6)
    assert await service.told(STRAY) == ["OrphanTerminated"]


@in_virtual_time
async def test_a_lab_that_comes_and_goes_while_the_reconciler_looks_is_no_orphan() -> None:
    service = Service(settings=settings(reconcile_interval=0.05))
    service.world = SlowLists(delay=0.1, failure_rate=0, randomness=service.randomness)
    service.assemble()
    async with service.running():
        for key in keys(40):
            await service.create(key)
            await until(lambda key=key: service.is_(LabState.READY, key), within=2)  # type: ignore[misc]  # bound now
            await service.delete(key)
        await until(lambda: service.all_are(LabState.DELETED, keys(40)), within=2)
        await asyncio.sleep(1)
    assert service.seen.corrections == {}


@in_virtual_time
async def test_a_false_report_of_an_orphan_harms_nobody() -> None:
    service = Service()
    async with service.running():
        uid = (await _ready(service))[LAB]
        await service.mediator.publish(OrphanFound(lab=LAB, uid=uid))
        await asyncio.sleep(20)
        assert isinstance(await service.world.observe(uid), Running)
    assert await service.told() == ["LabInstanceCreated", "ProvisioningStarted", "BecameReady"]


@in_virtual_time
async def test_views_that_lag_behind_make_no_lab_an_orphan() -> None:
    service = Service()
    service.control.start()  # and no projector
    uid = await service.create()
    await until(lambda: service.is_(LabState.READY), within=3)
    await asyncio.sleep(60)
    await service.control.stop(1)
    assert [runtime.uid for runtime in await service.world.list()] == [uid]
    assert service.seen.corrections == {}


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
async def test_one_failing_lab_never_stops_the_rest_nor_eats_the_batch() -> None:
    service = Service(settings=settings(reconcile_batch=5, max_concurrent_provisioning=50))
    bad, good = keys(5), keys(10, "class-b")
    async with service.running():
        await asyncio.sleep(0)
        _deaf(service)
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
        uids = await _ready(service, labs)
        read_model.handed_out = 0
        passes = len(service.seen.passes)
        await asyncio.sleep(60)
        passes = len(service.seen.passes) - passes
        assert read_model.handed_out <= 10 * passes
        await service.world.terminate(uids[labs[137]], keep_files=False)
        await until(lambda: _drifted(service, labs[137]), within=5 * 21, step=0.5)


@in_virtual_time
async def test_every_runtimes_turn_comes_however_small_the_batch() -> None:
    service = Service(settings=settings(reconcile_batch=4))
    service.world = Mute(delay=1, failure_rate=0, randomness=service.randomness)
    service.assemble()
    labs = keys(30)
    async with service.running():
        uids = await _ready(service, labs)
        for key in labs:
            service.world.kill(uids[key])
        await asyncio.sleep(5 * 9)
        for key in labs:
            assert await _drifted(service, key)


@in_virtual_time
async def test_a_read_model_that_is_gone_for_a_while_is_survived() -> None:
    service = _mute()
    read_model = service.read_model = CountedReadModel()
    service.assemble()
    async with service.running():
        uid = (await _ready(service))[LAB]
        read_model.outage = True
        service.world.kill(uid)
        await until(lambda: _drifted(service), within=5.1)
        await asyncio.sleep(30)
        read_model.outage = False
        await asyncio.sleep(10)
        assert service.control.troubles == ()


@in_virtual_time
async def test_a_clock_that_jumps_ahead_retires_labs_within_the_interval() -> None:
    service = Service()
    async with service.running():
        await _ready(service)
        service.clock.jump(timedelta(hours=2))
        await until(lambda: service.is_(LabState.DELETED), within=5.5)


@in_virtual_time
@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(days=2)])
async def test_a_clock_that_jumps_back_leaves_nothing_stuck(back: timedelta) -> None:
    service = Service()
    async with service.running():
        await _ready(service)
        service.clock.jump(-back)
        second = LabKey("class-a", "second")
        await service.create(second)
        await until(lambda: service.is_(LabState.READY, second), within=3)
        await service.delete()
        await until(lambda: service.is_(LabState.DELETED), within=1)


async def _drifted(service: Service, key: LabKey = LAB) -> bool:
    return "DriftDetected" in await service.told(key)


async def _not_ready(service: Service) -> bool:
    return not await service.is_(LabState.READY)
