"""Many labs that need nothing: others have their turn meanwhile, a few at a time."""

import asyncio

import pytest

from domain.lab_instance.observation import Observation
from tests.application.control.arrangement import Service, keys, settings
from tests.fakes.provisioner import Mute
from tests.fakes.virtual_time import in_virtual_time

FLEET = 100


class Counting(Mute):
    """Counts the looks at single labs."""

    looks = 0

    async def observe(self, uid: str) -> Observation:
        self.looks += 1
        return await super().observe(uid)


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
