"""One replica of the service: the real application, in a process that dies and comes back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random
from typing import Any, TypeVar

from application.ports.read_model import ForeignReadModel
from application.service import Service
from infrastructure.memory.unknown_labs import MemoryUnknownLabs
from infrastructure.steady_clock import SteadyClock
from infrastructure.templates.catalog import FileTemplateCatalog
from infrastructure.wiring.adapters import _CLOCK_IS_CONFIRMED_AFTER, Adapters
from infrastructure.wiring.bootstrap import at_work
from tests.fakes.writing import Writing
from tests.simulation.engine.chance import SimulatedRandomness, stream
from tests.simulation.engine.process import SimulatedProcess
from tests.simulation.ports.audit_records import SimulatedAuditRecords
from tests.simulation.ports.event_store import SimulatedEventStore
from tests.simulation.ports.provisioner import SimulatedLabs
from tests.simulation.ports.stores import (
    SimulatedApiObjects,
    SimulatedCheckpoints,
    SimulatedLeases,
    SimulatedReadModel,
)
from tests.simulation.world.clocks import WallClock
from tests.simulation.world.cluster import Cluster

T = TypeVar("T")
log = logging.getLogger(__name__)


class NoAnswer(Exception):
    """The replica was not there, or did not answer in time."""


class Replica:
    """A process that is started again, after a while, whenever it has ended.

    `service` is there while it serves. `wanted`: whether it shall come back. `unknown_labs`: what
    its operator is told, and says.
    """

    def __init__(self, name: str, cluster: Cluster) -> None:
        self.name = name
        self.clock = WallClock(cluster.loop)
        self.unknown_labs = MemoryUnknownLabs()
        self.service: Service | None = None
        self.wanted = True
        self.lives = 0
        self.process = SimulatedProcess(name)
        self.process.kill()
        self._cluster = cluster
        self._stopping = asyncio.Event()
        self._chance: Random = stream(cluster.seed, f"process/{name}")

    def start(self) -> None:
        """Begin a life, unless one goes on or none is wanted."""
        if self.process.alive or not self.wanted:
            return
        self.lives += 1
        self._cluster.timeline.say(self.name, f"starts, life {self.lives}")
        self.process = SimulatedProcess(self.name)
        self.process.on_death = self._ended
        self._stopping = asyncio.Event()
        living = self._live(self.process, self._adapters())
        self._cluster.loop.create_task(living, context=self.process.context)

    def kill(self) -> None:
        """End this life as SIGKILL does."""
        if self.process.alive:
            self._cluster.timeline.say(self.name, "is killed")
            self.process.kill()

    def stop(self) -> None:
        """Ask it to end as SIGTERM does."""
        self._cluster.timeline.say(self.name, "is asked to stop")
        self._stopping.set()

    def freeze(self, seconds: float) -> None:
        """Let it stand still for so long."""
        process = self.process
        if process.alive and not process.frozen:
            self._cluster.timeline.say(self.name, f"is frozen for {seconds:g} s")
            process.frozen = True
            self._cluster.network.later(seconds, self._cluster.loop.thaw, process)

    async def request(self, work: Callable[[Service], Awaitable[T]], *, patience: float) -> T:
        """Have the service do something, in its process, and return the answer. Raises NoAnswer
        when none comes in time; it may be done all the same, also later."""
        if self.service is None or not self.process.alive:
            raise NoAnswer
        answer = self._cluster.loop.create_future()
        begin = partial(self._begin, self.process, partial(work, self.service), answer)
        self._cluster.network.later(self._cluster.network.delay(), begin)
        try:
            async with asyncio.timeout(patience):
                return await answer  # type: ignore[no-any-return]  # futures are of any type
        except TimeoutError:
            raise NoAnswer from None

    def _begin(
        self,
        process: SimulatedProcess,
        work: Callable[[], Awaitable[Any]],
        answer: "asyncio.Future[Any]",
    ) -> None:
        if process.alive:
            serving = self._cluster.loop.create_task(_done(work), context=process.context)
            reply = partial(self._reply, answer)
            serving.add_done_callback(reply, context=process.context)

    def _reply(self, answer: "asyncio.Future[Any]", serving: "asyncio.Task[Any]") -> None:
        if not serving.cancelled():
            network = self._cluster.network
            network.later(network.delay(), _answer, answer, serving)

    async def _live(self, process: SimulatedProcess, adapters: Adapters) -> None:
        stopping = self._stopping
        try:
            async with at_work(self._cluster.swarm.settings, adapters) as service:
                self.service = service
                await stopping.wait()
                self.service = None
        except ForeignReadModel as refusal:
            self._cluster.timeline.say(self.name, f"refuses to start: {refusal}")
        except Exception as bug:
            self._cluster.verdicts.broken("the service stays up", repr(bug))
            raise
        process.kill()

    def _ended(self) -> None:
        self.service = None
        self._cluster.network.later(self._chance.choice((0.1, 1.0, 5.0, 16.0)), self.start)

    def _adapters(self) -> Adapters:
        cluster, network = self._cluster, self._cluster.network
        before_call = cluster.oracle.before_call(self.name, cluster.holder_of)
        return Adapters(
            events=SimulatedEventStore(cluster.log, network, page=cluster.swarm.page),
            read_model=SimulatedReadModel(cluster.read_model, network),
            past_index=cluster.read_model.past,
            api_objects=SimulatedApiObjects(cluster.api_objects, network),
            checkpoints=SimulatedCheckpoints(cluster.checkpoints, network),
            leases=SimulatedLeases(cluster.leases, network),
            try_writing=Writing(),
            audit_records=SimulatedAuditRecords(cluster.audit_records, network),
            provisioner=SimulatedLabs(cluster.machine, network, before_call=before_call),
            templates=FileTemplateCatalog({}, {}),
            clock=SteadyClock(
                self.clock, cluster.loop.time, confirmed_after=_CLOCK_IS_CONFIRMED_AFTER
            ),
            unknown_labs=self.unknown_labs,
            randomness=SimulatedRandomness(stream(cluster.seed, f"life/{self.name}/{self.lives}")),
            replica=self.name,
        )


async def _done(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


def _answer(answer: "asyncio.Future[Any]", serving: "asyncio.Task[Any]") -> None:
    if answer.done():
        return
    refusal = serving.exception()
    if refusal is None:
        answer.set_result(serving.result())
    else:
        answer.set_exception(refusal)
