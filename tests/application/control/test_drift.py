"""Runtimes that are no longer what is recorded: noticed, repaired, or given up."""

import asyncio

import pytest

from domain.lab_instance.control_commands import ReportDrift
from domain.lab_instance.events import DriftDetected
from domain.lab_instance.observation import Running
from domain.lab_instance.status import LabState
from tests.application.control.arrangement import LAB, Service, keys, mute_service
from tests.fakes.virtual_time import in_virtual_time, until


@in_virtual_time
async def test_a_runtime_that_dies_is_repaired_at_once_when_the_provisioner_tells() -> None:
    service = Service()
    async with service.running():
        uid = (await service.bring_up())[LAB]
        service.world.kill(uid)
        await until(lambda: service.is_(LabState.PROVISIONING), within=0.1)
        await until(lambda: service.is_(LabState.READY), within=3)
        assert isinstance(await service.world.observe(uid), Running)
    assert "DriftDetected" in await service.told()


@in_virtual_time
async def test_a_runtime_that_dies_unnoticed_is_found_within_the_interval_and_repaired() -> None:
    service = mute_service()
    async with service.running():
        uid = (await service.bring_up())[LAB]
        service.world.kill(uid)
        await until(service.has_drifted, within=5.1)
        await until(lambda: service.is_(LabState.READY), within=3)
    [command] = service.recording.by("reconciler")
    assert isinstance(command, ReportDrift)
    assert service.seen.corrections == {"ReportDrift": 1}


@in_virtual_time
async def test_a_runtime_that_vanished_without_a_trace_is_drift_too() -> None:
    service = mute_service()
    async with service.running():
        uid = (await service.bring_up())[LAB]
        await service.world.terminate(uid, keep_files=False)
        await until(service.has_drifted, within=5.1)
        await until(lambda: service.is_(LabState.READY), within=3)
    drift = next(fact for fact in await service.facts() if isinstance(fact, DriftDetected))
    assert drift.reason == "RuntimeMissing"


@in_virtual_time
async def test_a_lab_that_drifts_again_and_again_is_given_up_with_the_reason() -> None:
    service = Service()
    async with service.running():
        uid = (await service.bring_up())[LAB]
        for _ in range(4):
            await until(lambda: service.is_(LabState.READY), within=30)
            service.world.kill(uid)
            await until(lambda: _not_ready(service), within=1)
        await until(lambda: service.is_(LabState.FAILED), within=1)
    assert (await service.lab()).reason == "ProcessGone"


@in_virtual_time
async def test_a_list_that_fails_is_not_taken_for_an_empty_one() -> None:
    service = mute_service()
    labs = keys(20)
    async with service.running():
        await service.bring_up(labs)
        for _ in range(5):
            service.world.faults.outage = "gone"
            await asyncio.sleep(60)
            service.world.faults.outage = ""
            await asyncio.sleep(60)
    for key in labs:
        assert (await service.told(key))[-1] == "BecameReady"


@in_virtual_time
async def test_a_store_that_is_away_is_told_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = mute_service()
    async with service.running():
        uid = (await service.bring_up())[LAB]
        service.store.outage = "the disk is full"
        service.world.kill(uid)
        await asyncio.sleep(20)
        service.store.outage = ""
        await until(service.has_drifted, within=6)
    told = [one for one in caplog.records if "checked for drift" in one.getMessage()]
    assert told
    assert {(one.levelname, one.exc_info) for one in told} == {("WARNING", None)}


@in_virtual_time
async def test_every_runtimes_turn_comes_however_small_the_batch() -> None:
    service = mute_service(reconcile_batch=4)
    labs = keys(30)
    async with service.running():
        uids = await service.bring_up(labs)
        for key in labs:
            service.world.kill(uids[key])
        await asyncio.sleep(5 * 9)
        for key in labs:
            assert await service.has_drifted(key)


async def _not_ready(service: Service) -> bool:
    return not await service.is_(LabState.READY)
