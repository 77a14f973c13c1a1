"""Time in which the service did not run, and clocks that are set: no attempt is to blame."""

import asyncio
from datetime import timedelta

from application.control.pulse import Pulse
from domain.lab_instance.policy import Limits
from domain.lab_instance.status import LabState
from tests.application.control.arrangement import RETRY, Service, keys, settings
from tests.fakes.clock import FakeClock
from tests.fakes.virtual_time import in_virtual_time, until

LIMITS = Limits(provisioning_timeout=timedelta(seconds=10), retry=RETRY)


@in_virtual_time
async def test_labs_that_came_up_while_the_service_was_frozen_are_not_started_again() -> None:
    service = Service(delay=8, settings=settings(limits=LIMITS, max_concurrent_provisioning=20))
    labs = keys(12)
    async with service.running():
        for key in labs:
            await service.create(key)
        await asyncio.sleep(2)
        service.clock.jump(timedelta(seconds=14))
        await until(lambda: service.all_are(LabState.READY, labs), within=20)
    for key in labs:
        assert "ProvisioningFailed" not in await service.told(key)
    for runtime in await service.world.list():
        assert service.world._runtimes[runtime.uid].starts == {1: 1}


@in_virtual_time
async def test_an_attempt_that_was_looked_at_for_its_whole_time_fails_all_the_same() -> None:
    service = Service(delay=1000, settings=settings(limits=LIMITS))
    async with service.running():
        await service.create()
        await asyncio.sleep(2)
        service.clock.jump(timedelta(seconds=14))
        await asyncio.sleep(5)
        assert "ProvisioningFailed" not in await service.told()
        await asyncio.sleep(10)
        assert "ProvisioningFailed" in await service.told()


@in_virtual_time
async def test_a_clock_that_is_set_back_keeps_no_attempt_going_for_longer() -> None:
    service = Service(delay=1000, settings=settings(limits=LIMITS))
    async with service.running():
        await service.create()
        await asyncio.sleep(2)
        service.clock.jump(-timedelta(hours=1))
        await asyncio.sleep(15)
        assert "ProvisioningFailed" in await service.told()


@in_virtual_time
async def test_a_gap_counts_at_once_and_only_for_what_had_begun_before() -> None:
    clock = FakeClock()
    pulse = Pulse(clock)
    beating = asyncio.create_task(pulse.run())
    await asyncio.sleep(3)
    begun = clock.now()
    await asyncio.sleep(1)
    assert pulse.missed(begun) == timedelta(0)
    clock.jump(timedelta(seconds=20))
    missed = pulse.missed(begun)
    assert timedelta(seconds=19) < missed <= timedelta(seconds=20)
    await asyncio.sleep(1)
    assert missed <= pulse.missed(begun) <= timedelta(seconds=20)
    assert pulse.missed(clock.now()) == timedelta(0)
    beating.cancel()
