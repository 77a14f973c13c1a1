"""Many labs that need nothing: they come a few at a time, and a pass costs as its batch does."""

import asyncio
from collections.abc import Collection, Sequence

import pytest

from application.ports.provisioner import Runtime
from domain.lab_instance.observation import Observation
from tests.application.control.arrangement import Service, keys, settings
from tests.fakes.provisioner import Mute
from tests.fakes.virtual_time import in_virtual_time

FLEET = 100


class Counting(Mute):
    """Counts the looks at single labs, and the runtimes that its lists named."""

    looks = 0
    listed = 0

    async def observe(self, uid: str) -> Observation:
        self.looks += 1
        return await super().observe(uid)

    async def list(self, *, only: Collection[str] | None = None) -> Sequence[Runtime]:
        found = await super().list(only=only)
        self.listed += len(found)
        return found


async def fleet(**changes: object) -> tuple[Service, Counting]:
    """A service with a fleet that is ready, before it is started again."""
    service = Service(settings=settings(**changes), delay=0.1)
    service.world = world = Counting(delay=0.1, failure_rate=0, randomness=service.randomness)
    service.assemble()
    async with service.running():
        await service.bring_up(keys(FLEET))
    service.assemble()
    world.looks = 0
    return service, world


@pytest.mark.parametrize("parallelism", [1, 64])
@in_virtual_time
async def test_a_start_gives_others_their_turn_after_a_few_labs(parallelism: int) -> None:
    service, world = await fleet(parallelism=parallelism)
    most = 0
    async with service.running():
        while world.looks < FLEET:
            before = world.looks
            await asyncio.sleep(0)
            most = max(most, world.looks - before)
    assert most <= 8


@in_virtual_time
async def test_a_pass_asks_for_its_batch_alone_and_the_list_is_asked_for_once_a_round() -> None:
    service, world = await fleet(reconcile_batch=10)
    async with service.running():
        await asyncio.sleep(5.1)
        world.listed = 0
        await asyncio.sleep(5 * 9)
        assert world.listed == FLEET - 10, "the rest of the round, a batch at a time"
        await asyncio.sleep(5)
        assert world.listed == 2 * FLEET - 10, "and with the next round everything"


@in_virtual_time
async def test_runtimes_that_vanish_within_a_round_are_missed() -> None:
    service, world = await fleet(reconcile_batch=10)
    async with service.running():
        await asyncio.sleep(5.1)
        gone = {one.lab: one.uid for one in await world.list() if one.lab.name >= "lab-070"}
        for uid in gone.values():
            await world.terminate(uid, keep_files=False)
        await asyncio.sleep(5 * 20)
        for key in gone:
            assert await service.has_drifted(key)
