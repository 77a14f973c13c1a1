"""The write side and the read side over memory, with a clock that tests set."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import get_args
from uuid import UUID, uuid5

from application.commands.conflict_retry import decide_again_on_conflict
from application.commands.lab_handler import LabInstanceCommandHandler
from application.event_log.freshness import Freshness
from application.event_log.moments import Moments
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs, views_in
from application.mediator.mediator import LabOutcome, Mediator, RequestContext
from application.ports.event_store import EventStore
from application.projections.audit_recorder import AuditRecorder
from application.projections.projector import Projector
from application.projections.watch_feed import WatchFeed
from application.queries.audit import AuditQueries
from application.queries.checkpoints import CheckpointQueries
from application.queries.differences import DifferenceQueries
from application.queries.facts import FactQueries
from application.queries.history import HistoryQueries
from application.queries.labs import LabQueries
from application.queries.past_labs import PastLabs
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.lab_instance.commands import LabInstanceCommand
from infrastructure.memory.audit_records import MemoryAuditRecords
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.objects import MemoryApiObjects
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.memory.signed_checkpoints import MemoryLogTree, MemorySignedCheckpoints
from infrastructure.wiring.objects import ObjectPorts, ObjectSide
from tests.domain.scenario import NOW

_SPACE = UUID("c5a9e6f0-0000-4000-8000-000000000000")


class SettableClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def pass_(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def context(id_: str, *, repeatable: bool = False) -> RequestContext:
    """The context of a command; the same id is the same command."""
    return RequestContext(
        command_id=uuid5(_SPACE, id_),
        correlation_id=f"story-{id_}",
        causation_id="",
        actor="admin",
        user_agent="tests",
        traceparent="",
        repeatable=repeatable,
    )


@dataclass
class Arrangement:
    """Everything of the application that needs no provisioner."""

    clock: SettableClock
    store: EventStore
    read_model: MemoryReadModel = field(default_factory=MemoryReadModel)
    api_objects: MemoryApiObjects = field(default_factory=MemoryApiObjects)
    written: Progress = field(default_factory=Progress)
    projected: Progress = field(default_factory=Progress)
    records: MemoryAuditRecords = field(default_factory=MemoryAuditRecords)
    recorded: Progress = field(default_factory=Progress)
    signed: MemorySignedCheckpoints = field(default_factory=MemorySignedCheckpoints)
    capacity: int = 1000
    sent: int = 0

    def __post_init__(self) -> None:
        self.recent = RecentLabs(views_in(self.read_model))
        self.moments = Moments(self.store, self.read_model.past, self.clock)
        self.feed = WatchFeed(self.store, capacity=self.capacity, patience=0.05)
        self.mediator = Mediator([decide_again_on_conflict])
        handler = LabInstanceCommandHandler(
            self.store, self.clock, written=self.written, recent=self.recent
        )
        for kind in get_args(LabInstanceCommand):
            self.mediator.on_command(kind, handler)
        self.object_side = self._api_object_side()
        self.create_anywhere = handler
        self.object_side.register(self.mediator, create=handler)
        past = PastLabs(self.store, self.read_model.past, self.freshness)
        labs = LabQueries(
            self.store,
            self.read_model,
            freshness=self.freshness,
            recent=self.recent,
            past=past,
            moments=self.moments,
        )
        labs.register(self.mediator)
        DifferenceQueries(self.store, past, self.moments).register(self.mediator)
        HistoryQueries(self.store, self.records, self.moments).register(self.mediator)
        FactQueries(self.store).register(self.mediator)
        audit = AuditQueries(self.store, self.records, recorded=self.recorded, patience=0.5)
        audit.register(self.mediator)
        CheckpointQueries(MemoryLogTree(self.store), self.signed).register(self.mediator)

    async def send(self, command: LabInstanceCommand) -> LabOutcome:
        """Send a command of its own id."""
        self.sent += 1
        return await self.mediator.send(command, context(str(self.sent)))

    async def api_object_keys(self) -> list[ApiObjectKey]:
        """All objects that are there, by kind."""
        found = [await self.api_objects.find(kind, namespace=None) for kind in ApiObjectKind]
        return [view.api_object.key for views in found for view in views]

    @property
    def freshness(self) -> Freshness:
        """How reads wait for the views."""
        return Freshness(
            self.store,
            self.read_model,
            written=self.written,
            projected=self.projected,
            patience=0.5,
        )

    def _api_object_side(self) -> ObjectSide:
        ports = ObjectPorts(
            store=self.store,
            api_objects=self.api_objects,
            read_model=self.read_model,
            clock=self.clock,
            written=self.written,
            freshness=self.freshness,
            moments=self.moments,
        )
        return ObjectSide(ports, capacity=self.capacity, patience=0.5)

    @asynccontextmanager
    async def projecting(self) -> AsyncIterator[None]:
        """With the projector at work."""
        projector = Projector(
            self.store,
            self.read_model,
            self.feed,
            projected=self.projected,
            recent=self.recent,
            api_objects=self.object_side.projection,
        )
        recorder = AuditRecorder(
            self.store, self.records, recorded=self.recorded, recent=self.recent
        )
        tasks = [asyncio.create_task(each.run()) for each in (projector, recorder)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def arranged(store: EventStore | None = None, *, capacity: int = 1000) -> Arrangement:
    """A fresh arrangement, over memory unless another store is given."""
    clock = SettableClock()
    return Arrangement(clock, store or MemoryEventStore(clock), capacity=capacity)
