"""The whole control plane over memory and the simulated provisioner, in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import get_args
from uuid import UUID

from application.commands.conflict_retry import decide_again_on_conflict
from application.commands.lab_handler import LabInstanceCommandHandler
from application.control.assembly import Control
from application.control.backoff import Backoff
from application.control.circuit_breaker import BreakerLimits
from application.control.provisioner_gate import CallTimeouts
from application.control.settings import ControlPorts, ControlSettings
from application.control.watcher import WatcherSettings
from application.event_log.labs import LABS, stream_of
from application.event_log.loading import load
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs, views_in
from application.mediator.mediator import LabOutcome, Mediator, RequestContext
from application.ports.event_store import Fact
from application.projections.projector import Projector
from application.projections.watch_feed import WatchFeed
from domain.lab_instance.commands import (
    ChangeLabInstance,
    CreateLabInstance,
    DeleteLabInstance,
    LabInstanceCommand,
)
from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.policy import Limits
from domain.lab_instance.retry import RetryPolicy
from domain.lab_instance.spec import LabInstanceSpec
from domain.lab_instance.status import LabState
from domain.precondition import Precondition
from infrastructure.memory.checkpoints import MemoryCheckpoints
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.leases import MemoryLeases
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.memory.unknown_labs import MemoryUnknownLabs
from infrastructure.simulated.provisioner import SimulatedProvisioner
from tests.application.api_objects import no_objects
from tests.fakes.clock import FakeClock
from tests.fakes.event_store import TroubledEventStore
from tests.fakes.mediator import Recording
from tests.fakes.observer import RememberingObserver
from tests.fakes.provisioner import Mute
from tests.fakes.randomness import SeededRandomness
from tests.fakes.virtual_time import until

LAB = LabKey("class-a", "ada")
SPEC = LabInstanceSpec(
    template="python-basics", duration="60m", student_email="ada@example.org", environment={}
)
ANYBODY = Precondition(uid=None, resource_version=None)
RETRY = RetryPolicy(
    max_retries=3,
    base=timedelta(seconds=1),
    cap=timedelta(seconds=30),
    stable_after=timedelta(minutes=10),
)


def settings(**changes: object) -> ControlSettings:
    """Settings as a small service would have them, with some changed."""
    chosen: dict[str, object] = {
        "limits": Limits(provisioning_timeout=timedelta(seconds=30), retry=RETRY),
        "watcher": watching(),
        "timeouts": CallTimeouts(ensure=5, observe=2, list=5, terminate=10, probe=2),
        "breaker": BreakerLimits(
            threshold=5, first=timedelta(seconds=5), longest=timedelta(seconds=60)
        ),
        "key_backoff": Backoff(base=0.1, cap=30),
        "loop_backoff": Backoff(base=0.2, cap=5),
        "parallelism": 8,
        "max_concurrent_provisioning": 4,
        "reconcile_interval": 5.0,
        "reconcile_batch": 100,
        "replica": "a",
        "shards": 1,
        "lease": 15.0,
        "stays": False,
    }
    return ControlSettings(**(chosen | changes))  # type: ignore[arg-type]  # a bundle of settings


def watching(*, pushes: bool = True) -> WatcherSettings:
    """How the watcher of a small service follows the log."""
    backoff = Backoff(base=0.5, cap=10)
    return WatcherSettings(pushes=pushes, poll_interval=1.0, tolerance=3.0, backoff=backoff)


@dataclass
class Service:
    """Everything of one process; `world` and `log` outlive it, as a disk does."""

    settings: ControlSettings = field(default_factory=settings)
    delay: float = 1.0
    clock: FakeClock = field(default_factory=FakeClock)
    randomness: SeededRandomness = field(default_factory=SeededRandomness)

    def __post_init__(self) -> None:
        self.world = SimulatedProvisioner(
            delay=self.delay, failure_rate=0.0, randomness=self.randomness
        )
        self.log = MemoryEventStore(self.clock)
        self.store = TroubledEventStore(self.log, pushes=self.settings.watcher.pushes)
        self.read_model = MemoryReadModel()
        self.checkpoints = MemoryCheckpoints()
        self.leases = MemoryLeases(self.clock)
        self.operator = MemoryUnknownLabs()
        self.seen = RememberingObserver()
        self.recording = Recording()
        self._projection: asyncio.Task[None] | None = None
        self.assemble()

    def assemble(self) -> None:
        """What is made anew when the process starts."""
        recent = RecentLabs(views_in(self.read_model))
        self.mediator = Mediator([self.recording, decide_again_on_conflict])
        handler = LabInstanceCommandHandler(
            self.store, self.clock, written=Progress(), recent=recent
        )
        for kind in get_args(LabInstanceCommand):
            self.mediator.on_command(kind, handler)
        ports = ControlPorts(
            store=self.store,
            read_model=self.read_model,
            checkpoints=self.checkpoints,
            leases=self.leases,
            provisioner=self.world,
            unknown_labs=self.operator,
            mediator=self.mediator,
            clock=self.clock,
            randomness=self.randomness,
            observer=self.seen,
            recent=recent,
        )
        self.control = Control(ports, self.settings)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """With projector and loops at work."""
        feed = WatchFeed(self.log, capacity=1000, patience=0.05)
        projector = Projector(
            self.log,
            self.read_model,
            feed,
            projected=Progress(),
            recent=RecentLabs(views_in(self.read_model)),
            api_objects=no_objects(self.log, self.read_model),
        )
        projection = asyncio.create_task(projector.run())
        self.control.start()
        try:
            yield
        finally:
            await self.control.stop(1.0)
            projection.cancel()
            await asyncio.wait([projection])

    async def send(self, command: LabInstanceCommand) -> LabOutcome:
        """Send a command as a person does."""
        context = RequestContext(
            command_id=UUID(self.randomness.uid()),
            correlation_id="a-story",
            causation_id="",
            actor="admin",
            user_agent="tests",
            traceparent="00-trace-01",
            repeatable=False,
        )
        return await self.mediator.send(command, context)

    async def create(self, key: LabKey = LAB, *, duration: str = "60m") -> str:
        """Ask for a lab; returns its uid."""
        uid = self.randomness.uid()
        spec = LabInstanceSpec(
            template="python-basics",
            duration=duration,
            student_email="ada@example.org",
            environment={},
        )
        create = CreateLabInstance(
            lab=key,
            uid=uid,
            spec=spec,
            labels={},
            annotations={},
            finalizers=(),
            managers=(),
        )
        await self.send(create)
        return uid

    async def delete(self, key: LabKey = LAB) -> None:
        """Ask for a lab to go."""
        await self.send(DeleteLabInstance(lab=key, reason="user", precondition=ANYBODY))

    async def hold(self, key: LabKey = LAB, *, finalizers: tuple[str, ...]) -> None:
        """Give the lab these finalizers and take all others away."""
        lab = await self.lab(key)
        change = ChangeLabInstance(
            lab=key,
            spec=lab.spec,
            labels={},
            annotations={},
            finalizers=finalizers,
            managers=lab.managers,
            precondition=ANYBODY,
        )
        await self.send(change)

    async def bring_up(self, labs: Sequence[LabKey] = (LAB,)) -> dict[LabKey, str]:
        """Ask for these labs and wait until all are ready; returns their uids."""
        uids = {key: await self.create(key) for key in labs}
        await until(lambda: self.all_are(LabState.READY, labs), within=300, step=0.1)
        return uids

    def deafen(self) -> None:
        """Let the controllers miss every event from now on, as a bug would."""
        self.control.queue.close()

    async def lab(self, key: LabKey = LAB) -> LabInstance:
        """The lab as the log tells it."""
        view = (await load(LABS, self.log, key)).view
        assert view is not None
        return view.lab

    async def is_(self, state: LabState, key: LabKey = LAB) -> bool:
        """Whether the lab is in this state."""
        return (await self.lab(key)).state is state

    async def all_are(self, state: LabState, keys: Sequence[LabKey]) -> bool:
        """Whether all these labs are in this state."""
        for key in keys:
            if not await self.is_(state, key):
                return False
        return True

    async def under_way(self, keys: Sequence[LabKey]) -> int:
        """How many of these labs are being brought up now."""
        labs = [await self.lab(key) for key in keys]
        return sum(lab.attempt_deadline is not None for lab in labs)

    async def has_drifted(self, key: LabKey = LAB) -> bool:
        """Whether drift of this lab was ever recorded."""
        return "DriftDetected" in await self.told(key)

    async def facts(self, key: LabKey = LAB) -> list[Fact]:
        """All events under the name, oldest first."""
        return [recorded.event async for recorded in self.log.read_stream(stream_of(key))]

    async def told(self, key: LabKey = LAB) -> list[str]:
        """The kinds of all events under the name."""
        return [type(event).__name__ for event in await self.facts(key)]


def mute_service(**changes: object) -> Service:
    """A service whose provisioner gives no hints of what ends; some settings changed."""
    service = Service(settings=settings(**changes))
    service.world = Mute(delay=1, failure_rate=0, randomness=service.randomness)
    service.assemble()
    return service


def keys(count: int, namespace: str = "class-a") -> list[LabKey]:
    """So many names in one namespace."""
    return [LabKey(namespace, f"lab-{number:03}") for number in range(count)]
