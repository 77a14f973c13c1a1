"""The provisioner is out of service for minutes: nobody fails because of it."""

import asyncio

from application.control.circuit_breaker import BreakerState
from application.ports.provisioner import (
    ProvisionerUnavailable,
    RuntimeRefused,
    RuntimeRequest,
)
from domain.lab_instance.events import ProvisioningFailed
from domain.lab_instance.status import LabState
from tests.application.control.arrangement import LAB, Service, keys
from tests.fakes.virtual_time import in_virtual_time, until


@in_virtual_time
async def test_fifty_labs_outlast_an_outage_of_minutes_and_none_fails() -> None:
    service = Service()
    labs = keys(25) + keys(25, "class-b")
    service.world.faults.outage = "gone for lunch"
    async with service.running():
        for key in labs:
            await service.create(key)
        await asyncio.sleep(60)
        for key in labs:
            lab = await service.lab(key)
            assert (lab.reason, lab.postponed) == ("ProvisionerUnavailable", True)
        assert not service.control.gate.in_service
        await asyncio.sleep(300)
        service.world.faults.outage = ""
        await until(lambda: service.all_are(LabState.READY, labs), within=60 + 20, step=0.5)
        assert service.control.breaker.state is BreakerState.CLOSED
    for key in labs:
        told = await service.told(key)
        assert told.count("ProvisioningPostponed") == 1, "repeats change nothing"
        assert "ProvisioningFailed" not in told


@in_virtual_time
async def test_labs_in_the_middle_of_their_start_are_postponed_too_and_not_timed_out() -> None:
    service = Service(delay=25)
    labs = keys(4)
    async with service.running():
        for key in labs:
            await service.create(key)
        await until(lambda: service.all_are(LabState.PROVISIONING, labs), within=1)
        service.world.faults.outage = "gone"
        await asyncio.sleep(600)
        assert service.control.permits.held == 0
        service.world.faults.outage = ""
        await until(lambda: service.all_are(LabState.READY, labs), within=60 + 30, step=0.5)
    for key in labs:
        assert {"ProvisioningFailed", "Failed"}.isdisjoint(await service.told(key))


@in_virtual_time
async def test_ready_labs_stay_ready_through_an_outage() -> None:
    service = Service()
    async with service.running():
        await service.create()
        await until(lambda: service.is_(LabState.READY), within=3)
        service.world.faults.outage = "gone"
        await asyncio.sleep(600)
        service.world.faults.outage = ""
        await asyncio.sleep(60)
    assert (await service.told())[-1] == "BecameReady"


@in_virtual_time
async def test_labs_deleted_during_an_outage_go_when_it_is_over() -> None:
    service = Service()
    labs = keys(10)
    async with service.running():
        for key in labs:
            await service.create(key)
        await until(lambda: service.all_are(LabState.READY, labs), within=10)
        service.world.faults.outage = "gone"
        for key in labs:
            await service.delete(key)
        await asyncio.sleep(600)
        assert await service.all_are(LabState.DELETING, labs)
        service.world.faults.outage = ""
        await until(lambda: service.all_are(LabState.DELETED, labs), within=61)
    assert await service.world.list() == ()


@in_virtual_time
async def test_when_every_call_hangs_the_breaker_opens_and_no_lab_fails() -> None:
    service = Service()
    labs = keys(50)
    service.world.faults.hang()
    async with service.running():
        for key in labs:
            await service.create(key)
        await asyncio.sleep(300)
        assert service.control.breaker.state is not BreakerState.CLOSED
        service.world.faults.resume()
        await until(lambda: service.all_are(LabState.READY, labs), within=60 + 20, step=0.5)


@in_virtual_time
async def test_a_start_that_hangs_while_all_else_works_is_that_labs_failure() -> None:
    service = Service()
    ensure = service.world.ensure

    async def hang_for_one(request: RuntimeRequest) -> None:
        if request.lab == LAB:
            await asyncio.sleep(1000)
        await ensure(request)

    service.world.ensure = hang_for_one  # type: ignore[method-assign]  # one lab's trouble
    others = keys(10, "class-b")
    async with service.running():
        for key in (LAB, *others):
            await service.create(key)
        await until(lambda: service.is_(LabState.FAILED), within=120)
        assert await service.all_are(LabState.READY, others)
    assert (await service.lab()).reason == "ProvisionerTimeout"


@in_virtual_time
async def test_a_start_that_hangs_because_everything_does_is_nobodys_failure() -> None:
    service = Service()

    async def hang_for_all(request: RuntimeRequest) -> None:
        service.world.faults.hang()
        await service.world.faults.strike()

    service.world.ensure = hang_for_all  # type: ignore[method-assign]  # from now on
    labs = keys(12)
    async with service.running():
        for key in labs:
            await service.create(key)
        await asyncio.sleep(10)
        assert not service.control.gate.in_service
    for key in labs:
        assert "ProvisioningFailed" not in await service.told(key)


@in_virtual_time
async def test_a_refusal_is_recorded_and_a_permanent_one_is_not_tried_again() -> None:
    service = Service()
    service.world.faults.refusal = RuntimeRefused("NoSpace", "no room left", permanent=False)
    async with service.running():
        await service.create()
        await until(lambda: _failed_once(service), within=2)
        service.world.faults.refusal = RuntimeRefused("BadTemplate", "no such", permanent=True)
        await until(lambda: service.is_(LabState.FAILED), within=10)
    assert (await service.lab()).reason == "BadTemplate"


async def _failed_once(service: Service) -> bool:
    return any(isinstance(fact, ProvisioningFailed) for fact in await service.facts())


@in_virtual_time
async def test_when_only_starts_find_it_out_of_service_they_are_tried_less_and_less() -> None:
    service = Service()
    ensure = service.world.ensure
    broken = True

    async def fail_for_one(request: RuntimeRequest) -> None:
        if broken and request.lab == LAB:
            raise ProvisionerUnavailable("no room for its files")
        await ensure(request)

    service.world.ensure = fail_for_one  # type: ignore[method-assign]
    async with service.running():
        await service.create()
        [other] = keys(1)
        await service.create(other)
        await asyncio.sleep(600)
        assert await service.is_(LabState.READY, other), "nobody else is held back"
        assert service.control.permits.held == 0
        assert (await service.lab()).reason == "ProvisionerUnavailable"
        told = await service.told()
        assert 10 < told.count("ProvisioningPostponed") < 60
        assert "ProvisioningFailed" not in told
        broken = False
        await until(lambda: service.is_(LabState.READY), within=35, step=0.5)


@in_virtual_time
async def test_a_lab_whose_start_waits_for_the_provisioner_is_deleted_at_once() -> None:
    service = Service()

    async def fail(request: RuntimeRequest) -> None:
        raise ProvisionerUnavailable("no room for its files")

    service.world.ensure = fail  # type: ignore[method-assign]
    async with service.running():
        await service.create()
        await asyncio.sleep(300)
        await service.delete()
        await until(lambda: service.is_(LabState.DELETED), within=1)
