"""The process ends, nicely or not, and another one takes over."""

import asyncio

from application.ports.checkpoints import Checkpoint
from application.projections.origin import origin_of_log
from domain.lab_instance.status import LabState
from tests.application.control.arrangement import LAB, Service, keys, settings, watching
from tests.fakes.virtual_time import in_virtual_time, until


@in_virtual_time
async def test_a_lost_queue_loses_nothing() -> None:
    service = Service(delay=3)
    labs = keys(12)
    async with service.running():
        for key in labs:
            await service.create(key)
        await asyncio.sleep(1)
    service.assemble()
    async with service.running():
        assert service.control.troubles
        await until(lambda: service.all_are(LabState.READY, labs), within=20)
        assert service.control.troubles == ()
    for runtime in await service.world.list():
        assert service.world._runtimes[runtime.uid].starts == {1: 1}, "adopted, not started twice"


@in_virtual_time
async def test_the_limit_holds_over_a_restart() -> None:
    service = Service(delay=5, settings=settings(max_concurrent_provisioning=2))
    labs = keys(8)
    async with service.running():
        for key in labs:
            await service.create(key)
        await asyncio.sleep(1)
    service.assemble()
    most = 0

    async def all_ready() -> bool:
        nonlocal most
        most = max(most, await service.under_way(labs))
        return await service.all_are(LabState.READY, labs)

    async with service.running():
        await until(all_ready, within=40, step=0.1)
    assert most == 2


@in_virtual_time
async def test_a_deletion_asked_for_while_nobody_ran_is_seen() -> None:
    service = Service()
    async with service.running():
        await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
    await service.delete()
    service.assemble()
    async with service.running():
        await until(lambda: service.is_(LabState.DELETED), within=1)
    assert await service.world.list() == ()


@in_virtual_time
async def test_a_lab_whose_time_ran_out_while_nobody_ran_is_retired_at_once() -> None:
    service = Service()
    async with service.running():
        await service.create(duration="30s")
        await until(lambda: service.is_(LabState.READY), within=3)
    await asyncio.sleep(100)
    service.assemble()
    async with service.running():
        await until(lambda: service.is_(LabState.DELETED), within=1)


@in_virtual_time
async def test_a_retry_that_was_waited_for_happens_after_a_restart() -> None:
    service = Service()
    service.world.faults.doomed.add(LAB)
    async with service.running():
        await service.create()
        await until(lambda: _failures(service, 2), within=20)
    service.assemble()
    service.world.faults.doomed.clear()
    async with service.running():
        await until(lambda: service.is_(LabState.READY), within=10)
    assert (await service.told()).count("ProvisioningFailed") == 2


@in_virtual_time
async def test_an_event_after_the_read_models_position_is_not_lost_with_the_queue() -> None:
    service = Service()
    async with service.running():
        await until(lambda: service.control.watcher.ready, within=1)
    await service.create()
    origin = await origin_of_log(service.store)
    assert origin is not None
    seen = Checkpoint(position=1, origin=origin)  # by the watcher; the projector did not see it
    await service.checkpoints.save("watcher", seen)
    service.assemble()
    async with service.running():
        await until(lambda: service.is_(LabState.READY), within=3)


@in_virtual_time
async def test_stopping_in_the_middle_of_everything_leaves_no_task_behind() -> None:
    service = Service(delay=3)
    service.control.start()
    for key in keys(30):
        await service.create(key)
    await asyncio.sleep(0.5)
    assert service.control.permits.held == 4
    await service.control.stop(1.0)
    assert len(asyncio.all_tasks()) == 1


@in_virtual_time
async def test_a_store_outage_is_survived_by_all_loops() -> None:
    service = Service()
    async with service.running():
        await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
        service.store.outage = "gone"
        service.store.cut()
        await asyncio.sleep(300)
        assert service.control.troubles
        service.store.outage = ""
        await service.create(keys(1)[0])
        await until(lambda: service.is_(LabState.READY, keys(1)[0]), within=15)
        assert service.control.troubles == ()


@in_virtual_time
async def test_a_store_that_cannot_push_still_gets_labs_ready() -> None:
    service = Service(settings=settings(watcher=watching(pushes=False)))
    async with service.running():
        await service.create()
        await until(lambda: service.is_(LabState.READY), within=3.5)


async def _failures(service: Service, count: int) -> bool:
    return (await service.told()).count("ProvisioningFailed") >= count
