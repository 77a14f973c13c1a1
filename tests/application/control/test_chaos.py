"""Everything at once: whatever happens in between, in the end the world is as declared."""

import asyncio
from random import Random

import pytest

from application.control.observer import TurnOutcome
from domain.errors import DomainError
from domain.lab_instance.observation import Running
from domain.lab_instance.status import LabState
from tests.application.control.arrangement import Service, keys, settings, watching
from tests.fakes.virtual_time import in_virtual_time, until

LABS = keys(6) + keys(6, "class-b")
SETTLED = (LabState.READY, LabState.FAILED, LabState.DELETED)


@in_virtual_time
@pytest.mark.parametrize("seed", range(12))
async def test_when_the_troubles_end_every_lab_settles_and_nothing_runs_that_nobody_owns(
    seed: int,
) -> None:
    chance = Random(seed)
    service = Service(settings=settings(watcher=watching(pushes=seed % 3 != 0)), delay=2.0)
    for _ in range(4):
        async with service.running():
            for _ in range(25):
                await _trouble(service, chance)
                await asyncio.sleep(chance.uniform(0, 4))
        service.assemble()  # the process is gone, and its queues with it
    _end_all_troubles(service)
    async with service.running():
        await until(lambda: _settled(service), within=600, step=1)
        await asyncio.sleep(20)
        assert await _settled(service)
        await _nothing_unowned_runs(service)
        assert service.control.troubles == ()
    assert service.seen.looks[TurnOutcome.BUG] == 0


async def _trouble(service: Service, chance: Random) -> None:
    world, store = service.world.faults, service.store
    key = chance.choice(LABS)
    match chance.randrange(9):
        case 0 | 1 | 2:
            await _ask(service, chance)
        case 3:
            world.outage = chance.choice(["", "gone"])
        case 4:
            chance.choice([world.hang, world.resume])()
        case 5:
            world.doomed = {key} if chance.random() < 0.5 else set()
        case 6:
            store.cut()
        case 7:
            store.outage = chance.choice(["", "", "gone"])
        case _:
            for runtime in list(service.world._runtimes.values())[:2]:
                service.world.kill(runtime.uid)


async def _ask(service: Service, chance: Random) -> None:
    key = chance.choice(LABS)
    outage, service.store.outage = service.store.outage, ""
    try:
        if chance.random() < 0.7:
            await service.create(key, duration=chance.choice(["20s", "60m"]))
        else:
            await service.delete(key)
    except DomainError:
        pass  # the name is taken, or nobody has it
    service.store.outage = outage


def _end_all_troubles(service: Service) -> None:
    service.store.outage = ""
    service.world.faults.outage = ""
    service.world.faults.resume()
    service.world.faults.doomed.clear()


async def _settled(service: Service) -> bool:
    for key in LABS:
        if await service.facts(key) and (await service.lab(key)).state not in SETTLED:
            return False
    return True


async def _nothing_unowned_runs(service: Service) -> None:
    running = {
        runtime.uid: runtime
        for runtime in await service.world.list()
        if isinstance(runtime.observation, Running)
    }
    labs = [await service.lab(key) for key in LABS if await service.facts(key)]
    assert set(running) == {lab.uid for lab in labs if lab.state is LabState.READY}
    for lab in labs:
        if lab.state is LabState.READY:
            seen = running[lab.uid].observation
            assert isinstance(seen, Running)
            assert seen.revision == lab.revision
