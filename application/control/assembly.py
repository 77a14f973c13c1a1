"""Puts the loops together from the ports and the settings. Wiring only."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.control.backoff import Backoff
from application.control.circuit_breaker import BreakerLimits, CircuitBreaker
from application.control.controller import StateController
from application.control.corrections import Corrections
from application.control.deletion_controller import OWNED_STATES as LEAVING
from application.control.deletion_controller import DeletionController
from application.control.drift import DriftSearch
from application.control.due_labs import DueLabs, PassLimits
from application.control.judgement import Judgement
from application.control.lab_controller import LabController
from application.control.observer import ControlObserver
from application.control.orphans import Orphans
from application.control.permits import Permits
from application.control.provisioner_gate import CallTimeouts, ProvisionerGate
from application.control.provisioning_controller import OWNED_STATES as COMING_OR_THERE
from application.control.provisioning_controller import ProvisioningController
from application.control.reconciler import Reconciler
from application.control.recovery import recover
from application.control.rests import Rests
from application.control.runtime_exits import RuntimeExits
from application.control.sender import CommandSender
from application.control.supervisor import Loop, Supervisor
from application.control.watcher import Watcher, WatcherSettings
from application.control.work_queue import WorkQueue
from application.control.worker import Worker
from application.mediator import Mediator
from application.notifications import LabInstanceChanged, OrphanFound
from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock, Randomness
from application.ports.event_store import EventStore
from application.ports.provisioner import Provisioner
from application.ports.read_model import ReadModel
from domain.lab_instance.policy import Limits
from domain.lab_instance.status import LabState


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPorts:
    """What the loops speak to. The mediator's command handlers are registered elsewhere."""

    store: EventStore
    read_model: ReadModel
    checkpoints: Checkpoints
    provisioner: Provisioner
    mediator: Mediator
    clock: Clock
    randomness: Randomness
    observer: ControlObserver


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSettings:
    """How the loops behave; lengths of time in seconds.

    `key_backoff`: between looks at a lab that cannot be brought further.
    `loop_backoff`: before a loop that died is restarted, or a failed correction repeated.
    """

    limits: Limits
    watcher: WatcherSettings
    timeouts: CallTimeouts
    breaker: BreakerLimits
    key_backoff: Backoff
    loop_backoff: Backoff
    parallelism: int
    max_concurrent_provisioning: int
    reconcile_interval: float
    reconcile_batch: int


class Control:
    """The assembled loops. Attributes are there to be measured; `start`, `stop` and
    `troubles` are for whoever runs them."""

    def __init__(self, ports: ControlPorts, settings: ControlSettings) -> None:
        self._ports = ports
        self._settings = settings
        self._judgement = Judgement(
            limits=settings.limits, clock=ports.clock, randomness=ports.randomness
        )
        self.queue = WorkQueue(backoff=settings.key_backoff, randomness=ports.randomness)
        self.permits = Permits(limit=settings.max_concurrent_provisioning, wake=self.queue.add)
        self.breaker = CircuitBreaker(settings.breaker)
        self.gate = ProvisionerGate(
            ports.provisioner,
            breaker=self.breaker,
            timeouts=settings.timeouts,
            clock=ports.clock,
        )
        self.watcher = Watcher(
            ports.store,
            ports.checkpoints,
            ports.mediator.publish,
            settings=settings.watcher,
            randomness=ports.randomness,
        )
        self.reconciler = self._reconciler()
        self.worker = self._worker()
        self.supervisor = Supervisor(
            self._loops(),
            prepare=self._recover,
            backoff=settings.loop_backoff,
            randomness=ports.randomness,
        )
        ports.mediator.on_notification(LabInstanceChanged, self._changed)

    def start(self) -> None:
        """Start all loops in the background."""
        self.supervisor.start()

    async def stop(self, grace: float) -> None:
        """Stop all loops in order: first what finds work, then what does it."""
        await self.supervisor.stop(grace)
        await self.gate.close()

    @property
    def troubles(self) -> Sequence[str]:
        """Why the loops are not ready, in words; empty when they are."""
        told = [f"{name}: {trouble}" for name, trouble in self.supervisor.troubles.items()]
        if not self.watcher.ready:
            told.append(f"watcher: {self.watcher.trouble or 'it is behind the log'}")
        return tuple(told)

    async def _changed(self, changed: LabInstanceChanged) -> None:
        # A new lab that cannot begin yet needs no look: its permit will wake it.
        if not changed.created or self.permits.acquire(changed.key):
            self.queue.add(changed.key)

    async def _recover(self) -> None:
        position = await recover(self._ports.read_model, self.queue, self.permits)
        self.watcher.start_no_later_than(position)

    def _loops(self) -> Sequence[Loop]:
        exits = RuntimeExits(self._ports.provisioner, self._ports.read_model, self.queue)
        return (
            Loop(name="runtime-exits", run=exits.run, stop=None),
            Loop(name="reconciler", run=self.reconciler.run, stop=None),
            Loop(name="watcher", run=self.watcher.run, stop=None),
            Loop(name="worker", run=self.worker.run, stop=self.queue.close),
        )

    def _sender(self, actor: str) -> CommandSender:
        ports = self._ports
        return CommandSender(ports.mediator, randomness=ports.randomness, actor=actor)

    def _worker(self) -> Worker:
        ports = self._ports
        removing = self._sender("controller/deletion")
        orphans = Orphans(ports.store, self.gate, removing, wake=self.queue.add)
        ports.mediator.on_notification(OrphanFound, orphans.heard_of)
        controller = LabController(
            ports.store,
            ports.clock,
            by_state=self._by_state(removing),
            permits=self.permits,
            orphans=orphans,
        )
        return Worker(
            self.queue,
            controller,
            parallelism=self._settings.parallelism,
            clock=ports.clock,
            observer=ports.observer,
        )

    def _by_state(self, removing: CommandSender) -> dict[LabState, StateController]:
        bringing = self._sender("controller/provisioning")
        provisioning = ProvisioningController(
            self.gate,
            bringing,
            permits=self.permits,
            rests=Rests(self._settings.key_backoff, self._ports.randomness),
            judgement=self._judgement,
        )
        deletion = DeletionController(
            self.gate, removing, permits=self.permits, judgement=self._judgement
        )
        owners: dict[LabState, StateController] = dict.fromkeys(COMING_OR_THERE, provisioning)
        return owners | dict.fromkeys(LEAVING, deletion)

    def _reconciler(self) -> Reconciler:
        ports, settings = self._ports, self._settings
        corrections = Corrections(
            self._sender("reconciler"), ports.mediator.publish, observer=ports.observer
        )
        due = DueLabs(
            ports.read_model,
            self.gate,
            self.permits,
            corrections=corrections,
            judgement=self._judgement,
            limits=PassLimits(batch=settings.reconcile_batch, rest=settings.loop_backoff),
        )
        drift = DriftSearch(
            ports.read_model,
            ports.store,
            self.gate,
            corrections=corrections,
            judgement=self._judgement,
            batch=settings.reconcile_batch,
        )
        return Reconciler(
            due, drift, interval=settings.reconcile_interval, observer=ports.observer
        )
