"""The labs of a new shard are looked up, and again only those with which something happened."""

import asyncio
from contextlib import suppress

from application.control.backoff import Backoff
from application.control.permits import Permits
from application.control.takeover import Takeover
from application.control.work_queue import WorkQueue
from application.replicas.kept_leases import KeptLeases
from application.replicas.own_labs import OwnLabs
from domain.lab_instance.key import LabKey
from infrastructure.memory.leases import MemoryLeases
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.simulated.provisioner import SimulatedProvisioner
from tests.contracts.given import RESTARTED, change, created
from tests.fakes.clock import FakeClock
from tests.fakes.randomness import SeededRandomness
from tests.fakes.virtual_time import in_virtual_time, until

WATCHED = 9


@in_virtual_time
async def test_labs_that_changed_meanwhile_are_the_only_ones_looked_up_again() -> None:
    names = ("ann", "ben", "cem")
    queue = WorkQueue(backoff=Backoff(base=1, cap=60), randomness=SeededRandomness())
    views = MemoryReadModel()
    born = [change(created(name), position=at) for at, name in enumerate(names, 1)]
    await views.apply(born, position=len(names))
    takeover = asyncio.create_task(_takeover(views, queue).run())
    for _ in names:
        queue.done(await queue.get())
    await views.apply([change(created("ben"), RESTARTED, position=WATCHED)], position=WATCHED)
    await until(lambda: queue.depth > 0, within=1)
    assert queue.depth == 1
    assert await queue.get() == LabKey("class-a", "ben")
    takeover.cancel()
    with suppress(asyncio.CancelledError):
        await takeover


def _takeover(views: MemoryReadModel, queue: WorkQueue) -> Takeover:
    randomness = SeededRandomness()
    world = SimulatedProvisioner(delay=1, failure_rate=0, randomness=randomness)
    kept = KeptLeases(MemoryLeases(FakeClock()), holder="a", seconds=15.0)
    own = OwnLabs(kept, shards=1, provisioner=world)
    own.arrived.add(0)
    permits = Permits(limit=8, wake=queue.add)
    return Takeover(views, own, queue=queue, permits=permits, watched=lambda: WATCHED)
