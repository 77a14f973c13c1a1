"""One lab's trouble is that lab's alone: it opens no breaker, stops no pass, holds up nobody,
and is told by name; what stops a pass for all makes the service unready."""

import asyncio
from collections.abc import Collection, Sequence

from application.control.circuit_breaker import BreakerState
from application.control.pass_troubles import PassTroubles
from application.ports.provisioner import ProvisionerUnavailable, Runtime
from domain.lab_instance.end_facts import DeletionHindered
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Observation
from domain.lab_instance.status import LabState
from infrastructure.simulated.provisioner import SimulatedProvisioner
from tests.application.control.arrangement import LAB, Service, keys
from tests.fakes.virtual_time import in_virtual_time, until


class OneHangs(SimulatedProvisioner):
    """Gives no answer about some labs, by uid, and raises a bug's error where told to."""

    def __init__(self, service: Service) -> None:
        super().__init__(delay=1, failure_rate=0, randomness=service.randomness)
        self.silent: set[str] = set()
        self.bug: Exception | None = None

    async def observe(self, uid: str) -> Observation:
        if uid in self.silent:
            await asyncio.Event().wait()
        return await super().observe(uid)

    async def list(self, *, only: Collection[str] | None = None) -> Sequence[Runtime]:
        if self.bug is not None:
            raise self.bug
        return await super().list(only=only)


def arranged() -> tuple[Service, OneHangs]:
    service = Service()
    world = OneHangs(service)
    service.world = world
    service.assemble()
    return service, world


@in_virtual_time
async def test_labs_that_give_no_answer_open_no_breaker_and_hold_up_no_other() -> None:
    service, world = arranged()
    silent = keys(6, "class-s")
    async with service.running():
        uids = await service.bring_up(silent)
        world.silent.update(uids.values())
        for key in silent:
            service.control.queue.add(key)
        await asyncio.sleep(60)
        assert service.control.breaker.state is BreakerState.CLOSED
        await service.create()
        await until(lambda: service.is_(LabState.READY), within=30)


@in_virtual_time
async def test_a_lab_that_gives_no_answer_can_be_deleted() -> None:
    service, world = arranged()
    async with service.running():
        uids = await service.bring_up()
        world.silent.update(uids.values())
        await service.delete()
        await until(lambda: service.is_(LabState.DELETED), within=10)


@in_virtual_time
async def test_calls_count_against_a_provisioner_that_does_not_answer_itself() -> None:
    service, world = arranged()
    async with service.running():
        await service.bring_up()
        world.faults.hang()
        await asyncio.sleep(120)
        assert service.control.breaker.state is not BreakerState.CLOSED


@in_virtual_time
async def test_a_pass_that_fails_again_and_again_is_told_by_name_until_it_works() -> None:
    service, world = arranged()
    async with service.running():
        await service.bring_up()
        world.bug = ValueError("invalid literal for int() with base 10: '²'")
        await asyncio.sleep(30)
        told = "; ".join(service.control.troubles)
        assert "the pass for what is drift failed" in told
        assert "invalid literal" in told
        world.bug = None
        await asyncio.sleep(10)
        assert service.control.troubles == ()


@in_virtual_time
async def test_a_pass_that_the_world_keeps_from_working_is_told_and_is_no_bug() -> None:
    service, world = arranged()
    async with service.running():
        await service.bring_up()
        world.bug = ProvisionerUnavailable("gone for lunch")
        await asyncio.sleep(30)
        assert service.control.troubles == ()
        assert any("gone for lunch" in notice for notice in service.control.notices)


@in_virtual_time
async def test_a_directory_that_stays_is_named_in_the_status_and_tried_until_it_goes() -> None:
    service = Service()
    async with service.running():
        uids = await service.bring_up()
        service.world.faults.survivors.update(uids.values())
        await service.delete()
        await asyncio.sleep(60)
        lab = await service.lab()
        assert (lab.state, lab.reason) == (LabState.DELETING, "RemovalFailed")
        assert uids[LAB] in lab.message
        hindered = [one for one in await service.facts() if isinstance(one, DeletionHindered)]
        assert len(hindered) == 1, "a repeat says nothing new"
        assert any(str(LAB) in notice for notice in service.control.notices)
        assert service.control.troubles == (), "one lab makes nobody unready"
        service.world.faults.survivors.clear()
        await until(lambda: service.is_(LabState.DELETED), within=61)
        assert service.control.notices == ()


@in_virtual_time
async def test_an_orphan_that_no_record_names_is_set_aside_and_recorded_nowhere() -> None:
    service = Service()
    async with service.running():
        await service.bring_up()
        before = await service.log.head()
        service.world.plant(LabKey("", ""), "a-nameless-uid")
        await until(lambda: _only_owned(service), within=330)
        assert service.world.aside == ["a-nameless-uid"]
        await asyncio.sleep(30)
        assert await service.log.head() == before


async def _only_owned(service: Service) -> bool:
    return [str(one.lab) for one in await service.world.list()] == [str(LAB)]


def test_troubles_are_bounded_in_number_and_length() -> None:
    troubles = PassTroubles()
    for _ in range(3):
        for number in range(2_000):
            troubles.failed(f"part {number}", ValueError("long " * 1_000))
    assert troubles.notices == ()  # each was forgotten before it failed again
    for _ in range(3):
        for number in range(20):
            troubles.failed(f"part {number}", ValueError("long " * 1_000))
    assert len(troubles.notices) == 6
    assert troubles.notices[-1] == "and 15 more"
    assert max(map(len, troubles.notices)) < 300
