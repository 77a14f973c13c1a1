"""Several replicas of the whole control plane on the same stores, in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs, views_in
from application.projections.projector import Projector
from application.projections.watch_feed import WatchFeed
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Running
from infrastructure.memory.leases import MemoryLeases
from infrastructure.simulated.provisioner import SimulatedProvisioner
from tests.application.api_objects import no_objects
from tests.application.control.arrangement import Service, settings
from tests.application.replicas.arrangement import TroubledLeases

SHARDS = 8
LEASE = 15.0


class Several:
    """Replicas by name. `shared`: whether they reach the same runtimes."""

    def __init__(self, *, shared: bool) -> None:
        self.first = Service()
        self.first.world.shared = shared
        self.shared = shared
        self.leases = MemoryLeases(self.first.clock)
        self.lines: dict[str, TroubledLeases] = {}
        self.replicas: dict[str, Service] = {}

    def start(self, name: str, *, shards: int = SHARDS) -> Service:
        """Start a replica; one that died comes back with its runtimes."""
        former = self.replicas.get(name)
        service = Service(
            settings=settings(replica=name, shards=shards),
            clock=self.first.clock,
            randomness=self.first.randomness,
        )
        service.log, service.store = self.first.log, self.first.store
        service.read_model, service.checkpoints = self.first.read_model, self.first.checkpoints
        service.seen, service.operator = self.first.seen, self.first.operator
        service.world = former.world if former else self._world()
        self.lines[name] = TroubledLeases(self.leases)
        service.leases = self.lines[name]  # type: ignore[assignment]  # the same port
        service.assemble()
        service.control.start()
        self.replicas[name] = service
        return service

    async def die(self, name: str) -> None:
        """Stop without a word to the others; what runs goes on running."""
        self.lines[name].cut = True
        await self.replicas[name].control.stop(0)

    def mine(self, name: str) -> Sequence[int]:
        """The shards that a replica holds."""
        return self.replicas[name].control.own.keeper.mine

    async def running(self, name: str, labs: Sequence[LabKey]) -> set[LabKey]:
        """Those of the labs that run in reach of this replica."""
        listed = await self.replicas[name].world.list()
        return {one.lab for one in listed if isinstance(one.observation, Running)} & {*labs}

    @asynccontextmanager
    async def projected(self) -> AsyncIterator[None]:
        """With a projector at work, and all replicas stopped at the end."""
        log, read_model = self.first.log, self.first.read_model
        feed = WatchFeed(log, capacity=1000, patience=0.05)
        projector = Projector(
            log,
            read_model,
            feed,
            projected=Progress(),
            recent=RecentLabs(views_in(read_model)),
            api_objects=no_objects(log, read_model),
        )
        projection = asyncio.create_task(projector.run())
        try:
            yield
        finally:
            for service in self.replicas.values():
                await service.control.stop(0)
            projection.cancel()
            await asyncio.wait([projection])

    def _world(self) -> SimulatedProvisioner:
        if self.shared:
            return self.first.world
        return SimulatedProvisioner(delay=1.0, failure_rate=0.0, randomness=self.first.randomness)
