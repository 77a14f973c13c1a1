"""Puts the loops together from the ports and the settings. Wiring only."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from application.control.circuit_breaker import CircuitBreaker
from application.control.controller import StateController
from application.control.corrections import Corrections
from application.control.deletion_controller import OWNED_STATES as LEAVING
from application.control.deletion_controller import DeletionController
from application.control.drift import DriftSearch
from application.control.due_labs import DueLabs, PassLimits
from application.control.lab_controller import LabController
from application.control.notes_exchange import exchanging
from application.control.orphan_search import OrphanSearch
from application.control.orphans import Orphans
from application.control.own_views import OwnViews
from application.control.ownership import ownership_of
from application.control.pass_troubles import PassTroubles
from application.control.permits import Permits
from application.control.policy_now import PolicyNow
from application.control.provisioner_gate import ProvisionerGate
from application.control.provisioning_controller import OWNED_STATES as COMING_OR_THERE
from application.control.provisioning_controller import ProvisioningController
from application.control.pulse import Pulse
from application.control.reconciler import Reconciler
from application.control.retention import Retention
from application.control.runtime_exits import RuntimeExits
from application.control.settings import ControlPorts, ControlSettings
from application.control.start_backoff import StartBackoff
from application.control.supervisor import Loop, Supervisor
from application.control.takeover import Takeover
from application.control.unknown_runtimes import UnknownRuntimes
from application.control.waiting import Waiting
from application.control.watcher import Watcher
from application.control.work_queue import WorkQueue
from application.control.worker import Worker
from application.mediator.notifications import LabInstanceChanged, OrphanFound
from application.mediator.sender import CommandSender
from application.ports.leases import LeasesUnavailable
from application.replicas.kept_leases import KeptLeases
from application.replicas.own_labs import OwnLabs
from domain.lab_instance.status import LabState


class Control:
    """The assembled loops. Attributes are there to be measured; `start`, `stop` and
    `troubles` are for whoever runs them."""

    def __init__(self, ports: ControlPorts, settings: ControlSettings) -> None:
        self._ports = ports
        self._settings = settings
        self._pulse = Pulse(ports.clock)
        self._policy_now = PolicyNow(
            limits=settings.limits,
            clock=ports.clock,
            randomness=ports.randomness,
            pulse=self._pulse,
        )
        self.queue = WorkQueue(backoff=settings.key_backoff, randomness=ports.randomness)
        self.permits = Permits(limit=settings.max_concurrent_provisioning, wake=self.queue.add)
        kept = KeptLeases(ports.leases, holder=settings.replica, seconds=settings.lease)
        self.own = OwnLabs(kept, shards=settings.shards, provisioner=ports.provisioner)
        self.waiting = Waiting(self.permits, self.own, ports.clock)
        self.pass_troubles = PassTroubles()
        self.breaker = CircuitBreaker(settings.breaker)
        self.gate = self._gate()
        self.unknown = UnknownRuntimes(ports.unknown_labs, grace=settings.orphan_grace)
        self.watcher = self._watcher()
        self.takeover = self._takeover()
        self.reconciler = self._reconciler()
        self.worker = self._worker()
        self.supervisor = Supervisor(
            self._loops(),
            prepare=self._begin,
            backoff=settings.loop_backoff,
            randomness=ports.randomness,
        )
        ports.mediator.on_notification(LabInstanceChanged, self._changed)

    def start(self) -> None:
        """Start all loops in the background."""
        self.supervisor.start()

    async def stop(self, grace: float) -> None:
        """Stop all loops in order: first what finds work, then what does it, and at last what
        gives the right to; then the shards are free for others."""
        await self.supervisor.stop(grace)
        await self.gate.close()
        if not self._settings.stays:
            with suppress(LeasesUnavailable):  # then they end by themselves
                await self.own.keeper.give_all_back()

    @property
    def troubles(self) -> Sequence[str]:
        """Why the loops are not ready, in words; empty when they are."""
        troubles = [f"{name}: {trouble}" for name, trouble in self.supervisor.troubles.items()]
        troubles += self.pass_troubles.blocking
        troubles += filter(None, [self.takeover.trouble, self.own.keeper.trouble])
        if not self.watcher.ready:
            troubles.append(f"watcher: {self.watcher.trouble or 'it is behind the log'}")
        return tuple(troubles)

    @property
    def notices(self) -> Sequence[str]:
        """What concerns single labs while the loops go on, in words."""
        return (*filter(None, [self.unknown.notice]), *self.pass_troubles.notices)

    @property
    def alarms(self) -> Sequence[str]:
        """What an operator must decide while the loops go on, in words."""
        return tuple(filter(None, [self.unknown.alarm]))

    async def _changed(self, changed: LabInstanceChanged) -> None:
        if changed.created:
            self.own.learn(changed.key, changed.created)
            if not self.own.ours(changed.created):
                return
        elif self.own.elsewhere(changed.key):
            return
        # A new lab that cannot begin yet needs no look: its permit will wake it.
        if not changed.created or self.permits.acquire(changed.key):
            self.queue.add(changed.key)

    async def _begin(self) -> None:
        self.watcher.start_no_later_than(await self._ports.read_model.position())

    def _loops(self) -> Sequence[Loop]:
        exits = RuntimeExits(self._ports.provisioner, self._ports.read_model, self.queue)
        retention = Retention(self.gate, self.pass_troubles)
        return (
            Loop(name="pulse", run=self._pulse.run, stop=None),
            Loop(name="takeover", run=self.takeover.run, stop=None),
            Loop(name="runtime-exits", run=exits.run, stop=None),
            Loop(name="reconciler", run=self.reconciler.run, stop=None),
            Loop(name="retention", run=retention.run, stop=None),
            Loop(name="watcher", run=self.watcher.run, stop=None),
            Loop(name="worker", run=self.worker.run, stop=self.queue.close),
            Loop(name="shards", run=self.own.keeper.run, stop=None),
            *exchanging(self._ports, self.waiting, self._settings.replica),
        )

    def _gate(self) -> ProvisionerGate:
        return ProvisionerGate(
            self._ports.provisioner,
            breaker=self.breaker,
            timeouts=self._settings.timeouts,
            clock=self._ports.clock,
            ours=self.own.ours,
        )

    def _watcher(self) -> Watcher:
        ports = self._ports
        return Watcher(
            ports.store,
            ports.checkpoints,
            ports.mediator.publish,
            settings=self._settings.watcher,
            randomness=ports.randomness,
        )

    def _takeover(self) -> Takeover:
        return Takeover(
            self._ports.read_model,
            self.own,
            queue=self.queue,
            permits=self.permits,
            watched=lambda: self.watcher.position,
        )

    def _sender(self, actor: str) -> CommandSender:
        return self._ports.sender(actor, replica=self._settings.replica)

    def _worker(self) -> Worker:
        ports = self._ports
        removing = self._sender("controller/deletion")
        orphans = Orphans(
            partial(ownership_of, ports.store),
            self.gate,
            removing,
            self.unknown,
            own=self.own,
            wake=self.queue.add,
        )
        ports.mediator.on_notification(OrphanFound, orphans.heard_of)
        controller = LabController(
            partial(ports.recent.load, ports.store),
            ports.clock,
            by_state=self._by_state(removing),
            permits=self.permits,
            orphans=orphans,
            own=self.own,
        )
        return Worker(
            self.queue,
            controller,
            parallelism=self._settings.parallelism,
            clock=ports.clock,
            observer=ports.observer,
            troubles=self.pass_troubles,
        )

    def _by_state(self, removing: CommandSender) -> dict[LabState, StateController]:
        bringing = self._sender("controller/provisioning")
        provisioning = ProvisioningController(
            self.gate,
            bringing,
            permits=self.permits,
            rests=StartBackoff(self._settings.key_backoff, self._ports.randomness),
            policy_now=self._policy_now,
        )
        deletion = DeletionController(
            self.gate, removing, permits=self.permits, policy_now=self._policy_now
        )
        owners: dict[LabState, StateController] = dict.fromkeys(COMING_OR_THERE, provisioning)
        return owners | dict.fromkeys(LEAVING, deletion)

    def _reconciler(self) -> Reconciler:
        ports, settings = self._ports, self._settings
        sender, publish = self._sender("reconciler"), ports.mediator.publish
        corrections = Corrections(
            sender, publish, observer=ports.observer, troubles=self.pass_troubles
        )
        views = OwnViews(ports.read_model, self.own)
        due = DueLabs(
            views,
            self.gate,
            self.permits,
            corrections=corrections,
            policy_now=self._policy_now,
            limits=PassLimits(batch=settings.reconcile_batch, rest=settings.loop_backoff),
        )
        drift = DriftSearch(
            views,
            OrphanSearch(ports.store, self.gate, self.unknown, corrections),
            self.gate,
            corrections=corrections,
            policy_now=self._policy_now,
            batch=settings.reconcile_batch,
        )
        return Reconciler(
            due,
            drift,
            interval=settings.reconcile_interval,
            observer=ports.observer,
            troubles=self.pass_troubles,
        )
