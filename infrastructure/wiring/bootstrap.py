"""The one place that knows which adapters are in use: puts the service together, without its
HTTP side, and runs it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import get_args

from application.commands.conflict_retry import decide_again_on_conflict
from application.commands.lab_handler import LabInstanceCommandHandler
from application.control.assembly import Control
from application.control.settings import ControlPorts
from application.control.supervisor import Loop, Supervisor
from application.event_log.freshness import Freshness
from application.event_log.moments import Moments
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs, views_in
from application.mediator.mediator import Mediator
from application.ports.event_store import EventStoreError
from application.ports.leases import LeasesUnavailable
from application.ports.provisioner import Provisioner
from application.ports.read_model import ReadModel, ReadModelUnavailable
from application.projections.origin import claim_views
from application.projections.view_writer import ViewWriter
from application.projections.watch_feed import WatchFeed
from application.service import Service
from domain.lab_instance.commands import LabInstanceCommand
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
from infrastructure.wiring.adapters import Adapters, open_adapters
from infrastructure.wiring.audit import AuditSide
from infrastructure.wiring.control import LOOP_BACKOFF, control_over
from infrastructure.wiring.mending import menders
from infrastructure.wiring.objects import ObjectPorts, ObjectSide
from infrastructure.wiring.projection import Projecting, view_writer
from infrastructure.wiring.proving import Proving
from infrastructure.wiring.questions import Questions
from infrastructure.wiring.readiness import ReadinessChecks, Reports, Troubles, troubles_of
from infrastructure.wiring.witnessing import require_held, witnesses

_REMEMBERED_CHANGES = 20_000
_READ_PATIENCE = 5.0


@asynccontextmanager
async def running_application(settings: Settings) -> AsyncIterator[Service]:
    """The service at work on the adapters that the settings name, until the context ends.
    Raises Unusable."""
    async with (
        open_adapters(settings) as adapters,
        at_work(settings, adapters) as application,
    ):
        yield application


@asynccontextmanager
async def at_work(settings: Settings, adapters: Adapters) -> AsyncIterator[Service]:
    """The service at work on these adapters until the context ends; then it stops in order,
    within the grace period. The adapters stay open. Raises ForeignReadModel."""
    async with AsyncExitStack() as stack:
        parts = _Parts(settings, adapters)
        with suppress(EventStoreError, ReadModelUnavailable):  # the projector tries again
            await parts.learn_what_was_written()
            await claim_views(parts.store, parts.read_model)
            await require_held(adapters)
        projection = parts.projection()
        supervisor = parts.supervised(projection)
        supervisor.start()
        stack.push_async_callback(parts.proving.finish)
        stack.push_async_callback(_hand_over, projection)
        stack.push_async_callback(_hand_over, parts.audit.writer)
        stack.push_async_callback(supervisor.stop, 1.0)
        parts.control.start()
        grace = settings.grace_period.total_seconds()
        stack.push_async_callback(parts.control.stop, grace)
        stack.callback(parts.feed.close)
        stack.callback(parts.api_objects.feed.close)
        told = (projection, supervisor, parts.control, parts.proving)
        yield parts.application(loops=lambda: troubles_of(*told))


async def _hand_over(projection: ViewWriter) -> None:
    with suppress(LeasesUnavailable):  # then it ends by itself
        await projection.keeper.give_all_back()


class _Parts:
    """The service's parts, each made once."""

    def __init__(self, settings: Settings, adapters: Adapters) -> None:
        self._adapters = adapters
        self._metrics = Metrics()
        positions = Positions(self._metrics)
        self.store = MeasuredEventStore(adapters.events, self._metrics, positions)
        self.read_model: ReadModel = MeasuredReadModel(
            adapters.read_model, self._metrics, positions
        )
        self.provisioner: Provisioner = MeasuredProvisioner(adapters.provisioner, self._metrics)
        self.written = Progress()
        self.projected = Progress()
        self._recent = RecentLabs(views_in(self.read_model))
        self.feed = WatchFeed(self.store, capacity=_REMEMBERED_CHANGES, patience=_READ_PATIENCE)
        self._moments = Moments(self.store, adapters.past_index, adapters.clock)
        self.audit = AuditSide(self.store, adapters, recent=self._recent, moments=self._moments)
        self._freshness = Freshness(
            self.store,
            self.read_model,
            written=self.written,
            projected=self.projected,
            patience=_READ_PATIENCE,
        )
        self.api_objects = self._object_side()
        self.proving = Proving(adapters.notary, adapters.clock, self._metrics)
        self.mediator = self._mediator()
        interval = settings.poll_interval.total_seconds()
        self._keeper = self.api_objects.keeper(
            self.mediator, adapters.randomness, interval=interval
        )
        self.control = self._control(settings)
        positions.follow_watcher(lambda: self.control.watcher.position)

    def application(self, *, loops: Troubles) -> Service:
        """What the HTTP side works with."""
        adapters = self._adapters
        exposition = Exposition(self._metrics, self.read_model, self._moments.ahead)
        return Service(
            mediator=self.mediator,
            watch_feed=self.feed,
            object_feed=self.api_objects.feed,
            templates=adapters.templates,
            clock=adapters.clock,
            randomness=adapters.randomness,
            metrics=exposition.text,
            on_failed_login=exposition.count_failed_login,
            waiting=self.control.waiting.told,
            readiness=ReadinessChecks(
                store=self.store,
                read_model=self.read_model,
                provisioner=self.provisioner,
                try_writing=adapters.try_writing,
                projected=self.projected,
                reports=Reports(
                    loops=loops,
                    appends=self.store.failures,
                    unreadable=adapters.unreadable,
                    ahead=self._moments.ahead,
                ),
            ).checks,
        )

    async def learn_what_was_written(self) -> None:
        """What earlier processes acknowledged counts as written by this one: its first answers
        wait for it too. Raises EventStoreError."""
        self.written.advance(await self.store.head())

    def projection(self) -> ViewWriter:
        """The projector, where and while it is this replica's turn."""
        parts = Projecting(
            store=self.store,
            read_model=self.read_model,
            feed=self.feed,
            projected=self.projected,
            recent=self._recent,
            api_objects=self.api_objects.projection,
        )
        projection = view_writer(parts, self._adapters)
        self._metrics.projecting.set_function(lambda: projection.projects)
        return projection

    def supervised(self, projection: ViewWriter) -> Supervisor:
        """Restarts the projection and what stands beside it whenever they die."""
        loops = [
            Loop(name="projector", run=projection.run, stop=None),
            Loop(name="projectors-lease", run=projection.keeper.run, stop=None),
            Loop(name="namespaces", run=self._keeper.run, stop=None),
            *menders(self.store, self._adapters),
            *witnesses(self._adapters),
            *self.audit.loops(),
            *self.proving.loops(),
        ]
        return Supervisor(
            loops,
            prepare=self.learn_what_was_written,
            backoff=LOOP_BACKOFF,
            randomness=self._adapters.randomness,
        )

    def _object_side(self) -> ObjectSide:
        ports = ObjectPorts(
            store=self.store,
            api_objects=self._adapters.api_objects,
            read_model=self.read_model,
            clock=self._adapters.clock,
            written=self.written,
            freshness=self._freshness,
            moments=self._moments,
        )
        return ObjectSide(ports, capacity=_REMEMBERED_CHANGES, patience=_READ_PATIENCE)

    def _mediator(self) -> Mediator:
        measure = MeasureCommand(self._metrics)
        mediator = Mediator([log_command, measure, decide_again_on_conflict])
        handler = LabInstanceCommandHandler(
            self.store, self._adapters.clock, written=self.written, recent=self._recent
        )
        for kind in get_args(LabInstanceCommand):
            mediator.on_command(kind, handler)
        self.api_objects.register(mediator, create=handler)
        Questions(
            store=self.store,
            read_model=self.read_model,
            provisioner=self.provisioner,
            freshness=self._freshness,
            recent=self._recent,
            moments=self._moments,
        ).register(mediator, self._adapters)
        self.audit.register(mediator)
        self.proving.register(mediator)
        mediator.require(get_args(LabInstanceCommand))
        return mediator

    def _control(self, settings: Settings) -> Control:
        observer = ControlMetrics(self._metrics)
        ports = ControlPorts(
            store=self.store,
            read_model=self.read_model,
            checkpoints=self._adapters.checkpoints,
            leases=self._adapters.leases,
            provisioner=self.provisioner,
            unknown_labs=self._adapters.unknown_labs,
            mediator=self.mediator,
            clock=self._adapters.clock,
            randomness=self._adapters.randomness,
            observer=observer,
            recent=self._recent,
            replica_notes=self._adapters.replica_notes,
            projected=self.projected,
        )
        return control_over(ports, settings, self._adapters.replica, observer)
