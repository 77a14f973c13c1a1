"""The one place that knows which adapters are in use: puts the service together, without its
HTTP side, and runs it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args

from application.command_handler import LabInstanceCommandHandler
from application.conflict_retry import decide_again_on_conflict
from application.control.assembly import Control, ControlPorts, ControlSettings
from application.control.backoff import Backoff
from application.control.circuit_breaker import BreakerLimits
from application.control.provisioner_gate import CallTimeouts
from application.control.supervisor import Loop, Supervisor
from application.control.watcher import WatcherSettings
from application.mediator import Mediator
from application.origin import claim_views
from application.ports.clock import Clock, Randomness
from application.ports.event_store import EventStore, EventStoreError
from application.ports.provisioner import Provisioner
from application.ports.read_model import ReadModel, ReadModelUnavailable
from application.ports.templates import TemplateCatalog
from application.progress import Progress
from application.projector import Projector
from application.queries.facts import FactQueries
from application.queries.history import HistoryQueries
from application.queries.labs import LabQueries
from application.queries.questions import (
    GetAccessLink,
    GetHistory,
    GetLogs,
)
from application.queries.runtimes import RuntimeQueries
from application.recent_labs import RecentLabs
from application.watch_feed import WatchFeed
from domain.lab_instance.commands import LabInstanceCommand
from infrastructure.adapters import Adapters, open_adapters
from infrastructure.readiness import ReadinessChecks, Troubles
from infrastructure.settings import Settings
from infrastructure.telemetry.control_metrics import ControlMetrics
from infrastructure.telemetry.exposition import Exposition
from infrastructure.telemetry.logged_commands import log_command
from infrastructure.telemetry.measured_commands import MeasureCommand
from infrastructure.telemetry.measured_event_store import MeasuredEventStore
from infrastructure.telemetry.measured_provisioner import MeasuredProvisioner
from infrastructure.telemetry.measured_read_model import MeasuredReadModel
from infrastructure.telemetry.metrics import Metrics
from infrastructure.telemetry.positions import Positions

_REMEMBERED_CHANGES = 20_000
_READ_PATIENCE = 5.0
_PROVISIONER_PATIENCE = 10.0
_LOOP_BACKOFF = Backoff(base=0.2, cap=10.0)
_KEY_BACKOFF = Backoff(base=0.2, cap=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The running service without its HTTP side."""

    mediator: Mediator
    watch_feed: WatchFeed
    templates: TemplateCatalog
    clock: Clock
    randomness: Randomness
    exposition: Exposition
    readiness: ReadinessChecks
    control: Control


@asynccontextmanager
async def running_application(settings: Settings) -> AsyncIterator[Application]:
    """The service at work on the adapters that the settings name, until the context ends.
    Raises CannotOpen."""
    async with (
        open_adapters(settings) as adapters,
        at_work(settings, adapters) as application,
    ):
        yield application


@asynccontextmanager
async def at_work(settings: Settings, adapters: Adapters) -> AsyncIterator[Application]:
    """The service at work on these adapters until the context ends; then it stops in order,
    within the grace period. The adapters stay open. Raises ForeignReadModel."""
    async with AsyncExitStack() as stack:
        parts = _Parts(settings, adapters)
        with suppress(EventStoreError, ReadModelUnavailable):  # the projector tries again
            await parts.learn_what_was_written()
            await claim_views(parts.store, parts.read_model)
        projection = parts.projection()
        projection.start()
        stack.push_async_callback(projection.stop, 1.0)
        parts.control.start()
        grace = settings.grace_period.total_seconds()
        stack.push_async_callback(parts.control.stop, grace)
        stack.callback(parts.feed.close)
        yield parts.application(loops=lambda: _troubles(parts.control, projection))


def _troubles(control: Control, projection: Supervisor) -> Sequence[str]:
    told = [f"{name}: {trouble}" for name, trouble in projection.troubles.items()]
    return (*told, *control.troubles)


class _Parts:
    """The service's parts, each made once."""

    def __init__(self, settings: Settings, adapters: Adapters) -> None:
        self._adapters = adapters
        self._metrics = Metrics()
        positions = Positions(self._metrics)
        self.store: EventStore = MeasuredEventStore(adapters.events, self._metrics, positions)
        self.read_model: ReadModel = MeasuredReadModel(
            adapters.read_model, self._metrics, positions
        )
        self.provisioner: Provisioner = MeasuredProvisioner(adapters.provisioner, self._metrics)
        self.written = Progress()
        self.projected = Progress()
        self._recent = RecentLabs()
        self.feed = WatchFeed(self.store, capacity=_REMEMBERED_CHANGES, patience=_READ_PATIENCE)
        self.mediator = self._mediator()
        self.control = self._control(settings)
        positions.follow_watcher(lambda: self.control.watcher.position)

    def application(self, *, loops: Troubles) -> Application:
        """What the HTTP side works with."""
        adapters = self._adapters
        return Application(
            mediator=self.mediator,
            watch_feed=self.feed,
            templates=adapters.templates,
            clock=adapters.clock,
            randomness=adapters.randomness,
            exposition=Exposition(self._metrics, self.read_model),
            readiness=ReadinessChecks(
                store=self.store,
                read_model=self.read_model,
                provisioner=self.provisioner,
                checkpoints=adapters.checkpoints,
                projected=self.projected,
                loops=loops,
            ),
            control=self.control,
        )

    async def learn_what_was_written(self) -> None:
        """What earlier processes acknowledged counts as written by this one: its first answers
        wait for it too. Raises EventStoreError."""
        self.written.advance(await self.store.head())

    def projection(self) -> Supervisor:
        """The projector, restarted whenever it dies."""
        projector = Projector(
            self.store,
            self.read_model,
            self.feed,
            projected=self.projected,
            recent=self._recent,
        )
        return Supervisor(
            [Loop(name="projector", run=projector.run, stop=None)],
            prepare=self.learn_what_was_written,
            backoff=_LOOP_BACKOFF,
            randomness=self._adapters.randomness,
        )

    def _mediator(self) -> Mediator:
        measure = MeasureCommand(self._metrics)
        mediator = Mediator([log_command, measure, decide_again_on_conflict])
        handler = LabInstanceCommandHandler(
            self.store, self._adapters.clock, written=self.written, recent=self._recent
        )
        for kind in get_args(LabInstanceCommand):
            mediator.on_command(kind, handler)
        labs = LabQueries(
            self.store,
            self.read_model,
            written=self.written,
            projected=self.projected,
            patience=_READ_PATIENCE,
        )
        runtimes = RuntimeQueries(self.store, self.provisioner, patience=_PROVISIONER_PATIENCE)
        labs.register(mediator)
        mediator.on_query(GetHistory, HistoryQueries(self.store).history)
        FactQueries(self.store).register(mediator)
        mediator.on_query(GetLogs, runtimes.logs)
        mediator.on_query(GetAccessLink, runtimes.access)
        mediator.require(get_args(LabInstanceCommand))
        return mediator

    def _control(self, settings: Settings) -> Control:
        observer = ControlMetrics(self._metrics)
        ports = ControlPorts(
            store=self.store,
            read_model=self.read_model,
            checkpoints=self._adapters.checkpoints,
            provisioner=self.provisioner,
            mediator=self.mediator,
            clock=self._adapters.clock,
            randomness=self._adapters.randomness,
            observer=observer,
        )
        control = Control(ports, _control_settings(settings))
        observer.follow(
            queue_depth=lambda: control.queue.depth, circuit=lambda: control.breaker.state
        )
        return control


def _control_settings(settings: Settings) -> ControlSettings:
    return ControlSettings(
        limits=settings.limits(),
        watcher=WatcherSettings(
            pushes=True,
            poll_interval=settings.poll_interval.total_seconds(),
            tolerance=10.0,
            backoff=_LOOP_BACKOFF,
        ),
        timeouts=CallTimeouts(ensure=30.0, observe=5.0, list=15.0, terminate=30.0, probe=5.0),
        breaker=BreakerLimits(
            threshold=5, first=timedelta(seconds=5), longest=timedelta(minutes=1)
        ),
        key_backoff=_KEY_BACKOFF,
        loop_backoff=_LOOP_BACKOFF,
        parallelism=settings.controller_parallelism,
        max_concurrent_provisioning=settings.max_concurrent_provisioning,
        reconcile_interval=settings.reconcile_interval.total_seconds(),
        reconcile_batch=settings.reconcile_batch,
    )
