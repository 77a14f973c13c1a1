"""What is left of a lab that has ended is removed; what the log does not know is set aside, late
and recorded; what belongs to a lab never is touched."""

import asyncio

import pytest

from application.event_log.labs import stream_of
from application.mediator.notifications import OrphanFound
from domain.lab_instance.end_facts import OrphanTerminated
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Running
from domain.lab_instance.status import LabState
from tests.application.control.arrangement import LAB, Service, keys, settings
from tests.fakes.provisioner import SlowLists
from tests.fakes.virtual_time import in_virtual_time, until

STRAY = LabKey("class-x", "stray")


@in_virtual_time
async def test_a_runtime_that_the_log_does_not_know_is_set_aside_late_and_recorded_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = Service()
    async with service.running():
        owned = (await service.bring_up())[LAB]
        service.world.plant(STRAY, "a-stray-uid")
        service.world.plant(LAB, "an-older-uid")
        await asyncio.sleep(300)
        assert len(await service.world.list()) == 3
        await asyncio.sleep(12)
        assert [runtime.uid for runtime in await service.world.list()] == [owned]
        await asyncio.sleep(60)
    assert sorted(service.world.aside) == ["a-stray-uid", "an-older-uid"]
    assert service.world.terminated == []
    assert await service.told(STRAY) == ["OrphanTerminated"]
    [fact] = [fact for fact in await service.facts() if isinstance(fact, OrphanTerminated)]
    assert fact.uid == "an-older-uid"
    assert await service.is_(LabState.READY)
    warned = [vars(one) for one in caplog.records if "set aside" in one.getMessage()]
    assert {(one["lab"], one["uid"]) for one in warned} == {
        (str(STRAY), "a-stray-uid"),
        (str(LAB), "an-older-uid"),
    }


@in_virtual_time
async def test_a_leftover_of_a_lab_that_has_ended_is_removed_at_once_in_whatever_life() -> None:
    service = Service()
    async with service.running():
        first = (await service.bring_up())[LAB]
        await service.delete()
        await until(lambda: service.is_(LabState.DELETED), within=5)
        service.world.plant(LAB, first)
        await until(lambda: service.world.terminated.count(first) == 2, within=12)
        second = (await service.bring_up())[LAB]
        service.world.plant(LAB, first)
        await until(lambda: service.world.terminated.count(first) == 3, within=12)
        assert [runtime.uid for runtime in await service.world.list()] == [second]
    assert service.world.aside == []


@in_virtual_time
async def test_a_runtime_that_was_set_aside_and_put_back_is_not_taken_for_a_leftover() -> None:
    service = Service()
    async with service.running():
        await service.bring_up()
        service.world.plant(LAB, "a-stray-uid")
        await until(lambda: service.world.aside == ["a-stray-uid"], within=330)
        assert "OrphanTerminated" in await service.told()
        service.world.plant(LAB, "a-stray-uid")
        await asyncio.sleep(280)
        assert isinstance(await service.world.observe("a-stray-uid"), Running)
    assert service.world.terminated == []


@in_virtual_time
async def test_a_runtime_whose_owner_cannot_be_told_is_left_alone_and_others_are_set_aside() -> (
    None
):
    service = Service()
    doubtful = LabKey("class-x", "doubtful")
    service.store.unreadable.add(stream_of(doubtful))
    async with service.running():
        service.world.plant(doubtful, "a-doubtful-uid")
        service.world.plant(STRAY, "a-stray-uid")
        await asyncio.sleep(330)
        assert [runtime.uid for runtime in await service.world.list()] == ["a-doubtful-uid"]


@in_virtual_time
async def test_an_orphan_that_survives_is_tried_again() -> None:
    service = Service()
    service.world.faults.survivors.add("a-stray-uid")
    async with service.running():
        service.world.plant(STRAY, "a-stray-uid")
        await asyncio.sleep(330)
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
        uid = (await service.bring_up())[LAB]
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
