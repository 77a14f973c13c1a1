"""One lab from its request to its proven removal, with all loops at work."""

import asyncio
from datetime import timedelta

from application.control.observer import TurnOutcome
from domain.lab_instance.commands import AbandonLabInstance, RestartLabInstance
from domain.lab_instance.observation import Absent, Running
from domain.lab_instance.status import LabState
from tests.application.control.arrangement import LAB, Service, keys, settings
from tests.fakes.virtual_time import in_virtual_time, until


@in_virtual_time
async def test_a_lab_that_is_asked_for_becomes_ready() -> None:
    service = Service()
    async with service.running():
        await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
    assert await service.told() == ["LabInstanceCreated", "ProvisioningStarted", "BecameReady"]


@in_virtual_time
async def test_a_controller_acts_at_once_after_an_event() -> None:
    service = Service()
    async with service.running():
        await until(lambda: service.control.watcher.ready, within=1)
        asked = service.clock.now()
        await service.create()
        await until(lambda: service.is_(LabState.PROVISIONING), within=1, step=0.001)
        assert service.clock.now() - asked < timedelta(milliseconds=10)


@in_virtual_time
async def test_progress_carries_on_the_story_that_began_with_the_request() -> None:
    service = Service()
    async with service.running():
        await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
    recorded = [one async for one in service.log.read_all(after=0)]
    assert [one.metadata["$correlationId"] for one in recorded] == ["a-story"] * 3
    assert [one.metadata["traceparent"] for one in recorded] == ["00-trace-01"] * 3
    assert [one.metadata["$causationId"] for one in recorded[1:]] == [
        str(one.id) for one in recorded[:2]
    ]
    assert recorded[2].metadata["actor"] == "controller/provisioning"


@in_virtual_time
async def test_a_deleted_lab_is_gone_before_it_is_recorded_as_deleted() -> None:
    service = Service()
    async with service.running():
        uid = await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
        await service.delete()
        await until(lambda: service.is_(LabState.DELETED), within=1)
    assert service.world.terminated == [uid]
    assert (await service.told())[-2:] == ["DeletionRequested", "Deleted"]


@in_virtual_time
async def test_a_lab_can_be_deleted_while_it_is_being_provisioned() -> None:
    service = Service(delay=20)
    async with service.running():
        await service.create()
        await until(lambda: service.is_(LabState.PROVISIONING), within=1)
        await service.delete()
        await until(lambda: service.is_(LabState.DELETED), within=1)
        assert service.control.permits.held == 0
    assert await service.world.list() == ()


@in_virtual_time
async def test_a_lab_is_retired_on_time_to_the_second() -> None:
    service = Service()
    async with service.running():
        await service.create(duration="20s")
        await until(lambda: service.is_(LabState.READY), within=3)
        expires_at = (await service.lab()).expires_at
        await until(lambda: service.is_(LabState.DELETED), within=21)
        assert expires_at is not None
        assert service.clock.now() - expires_at < timedelta(seconds=1)
    assert (await service.told())[-3:] == ["Expired", "DeletionRequested", "Deleted"]


@in_virtual_time
async def test_a_lab_expires_on_time_even_while_the_provisioner_is_out_of_service() -> None:
    service = Service()
    async with service.running():
        await service.create(duration="20s")
        await until(lambda: service.is_(LabState.READY), within=3)
        service.world.faults.outage = "gone for lunch"
        await until(lambda: service.is_(LabState.DELETING), within=21)
        await asyncio.sleep(120)
        service.world.faults.outage = ""
        await until(lambda: service.is_(LabState.DELETED), within=61)
    assert await service.world.list() == ()


@in_virtual_time
async def test_a_finalizer_holds_the_record_and_whoever_takes_it_away_lets_it_go() -> None:
    service = Service()
    async with service.running():
        uid = await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
        await service.hold(finalizers=("example.org/grades",))
        await service.delete()
        await asyncio.sleep(120)
        assert await service.is_(LabState.DELETING)
        assert await service.world.observe(uid) == Absent(), "what runs goes all the same"
        await service.hold(finalizers=())
        await until(lambda: service.is_(LabState.DELETED), within=1)
    assert await service.world.list() == (), "and its files with the record"


@in_virtual_time
async def test_deleted_labs_take_no_memory() -> None:
    service = Service(settings=settings(max_concurrent_provisioning=2))
    labs = keys(50)
    async with service.running():
        for key in labs:
            await service.create(key)
        await asyncio.sleep(5)
        for key in labs:
            await service.delete(key)
        await until(lambda: service.all_are(LabState.DELETED, labs), within=60, step=0.5)
        await asyncio.sleep(60)
        queue, permits = service.control.queue, service.control.permits
        assert (queue.depth, queue.delayed) == (0, 0)
        assert (permits.held, permits.waiting) == (0, 0)


@in_virtual_time
async def test_a_restarted_lab_gets_a_fresh_runtime() -> None:
    service = Service()
    async with service.running():
        uid = await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
        await service.send(RestartLabInstance(lab=LAB))
        await until(lambda: service.is_(LabState.READY), within=3)
        seen = await service.world.observe(uid)
    assert isinstance(seen, Running)
    assert seen.revision == 2


@in_virtual_time
async def test_what_keeps_failing_is_tried_again_and_then_given_up_and_stopped() -> None:
    service = Service()
    service.world.faults.doomed.add(LAB)
    async with service.running():
        uid = await service.create()
        await until(lambda: service.is_(LabState.FAILED), within=60)
        await asyncio.sleep(1)
        assert isinstance(await service.world.observe(uid), Absent)
        assert service.control.permits.held == 0
    assert (await service.told()).count("ProvisioningFailed") == 3
    assert (await service.lab()).reason == "ProcessExited"


@in_virtual_time
async def test_a_runtime_that_never_answers_is_timed_out() -> None:
    service = Service(delay=10_000)
    async with service.running():
        await service.create()
        await until(lambda: service.is_(LabState.FAILED), within=200)
    assert (await service.lab()).reason == "ProvisioningTimedOut"


@in_virtual_time
async def test_what_an_abandoned_lab_left_running_is_removed_and_recorded() -> None:
    service = Service()
    async with service.running():
        uid = await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
        service.world.faults.survivors.add(uid)
        await service.send(AbandonLabInstance(lab=LAB))
        await asyncio.sleep(1)
        assert "OrphanTerminated" not in await service.told()
        service.world.faults.survivors.clear()
        await until(lambda: _was_told(service, "OrphanTerminated"), within=31)
    assert await service.world.list() == ()
    assert (await service.told()).count("OrphanTerminated") == 1


@in_virtual_time
async def test_the_name_of_a_deleted_lab_can_be_used_again() -> None:
    service = Service()
    async with service.running():
        await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
        await service.delete()
        await until(lambda: service.is_(LabState.DELETED), within=1)
        second = await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
    assert [runtime.uid for runtime in await service.world.list()] == [second]


@in_virtual_time
async def test_a_settled_service_is_not_busy() -> None:
    service = Service()
    async with service.running():
        await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
        await asyncio.sleep(1)
        before = service.seen.looks.total()
        await asyncio.sleep(600)
        assert service.seen.looks.total() == before
        assert service.seen.looks[TurnOutcome.BUG] == 0


async def _was_told(service: Service, kind: str) -> bool:
    return kind in await service.told()
