"""Opens the stores that the settings name: embedded ones share a file, others their server.

Clients of servers are loaded where they are used: whoever uses none does not pay for them
(decision 8).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from application.ports.audit_records import AuditRecords
from application.ports.checkpoints import Checkpoint, Checkpoints
from application.ports.clock import Clock
from application.ports.event_store import EventStore
from application.ports.leases import Leases
from application.ports.log_tree import LogTree
from application.ports.objects import ApiObjects
from application.ports.past_index import PastIndex
from application.ports.read_model import ReadModel
from application.ports.replica_notes import ReplicaNotes
from application.ports.signed_checkpoints import SignedCheckpoints
from application.ports.unreadable_views import UnreadableViews
from application.ports.views import ApiObjectView, LabInstanceView
from application.projections.log_witness import LogWitness
from domain.api_object.key import ApiObjectKey
from domain.lab_instance.key import LabKey
from infrastructure.data_directory.claim import (
    audit_records_in,
    count_lab_directories,
    database_in,
)
from infrastructure.memory.leases import MemoryLeases
from infrastructure.setting_values import SQLITE
from infrastructure.settings import Settings
from infrastructure.sqlite.audit_records import SqliteAuditRecords
from infrastructure.sqlite.checkpoints import SqliteCheckpoints
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.objects import SqliteApiObjects
from infrastructure.sqlite.past_index import SqlitePastIndex
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.signed_checkpoints import SqliteLogTree, SqliteSignedCheckpoints
from infrastructure.sqlite.writing_probe import probe_writing
from infrastructure.unusable import Unusable

if TYPE_CHECKING:
    from infrastructure.mongodb.connection import MongodbStores

_FOLLOWER = "readiness"
_WITNESSED = 2.0
_NOWHERE = Checkpoint(position=0, origin="")


TryWriting = Callable[[], Awaitable[object]]
"""Writes something as durably as events are, and as new. Raises EventStoreUnavailable."""


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Where events and views are kept, how far their followers have got, and who does what.
    `witness`: of a log that is kept elsewhere than what follows it. `replica_notes` only where
    replicas share the stores."""

    events: EventStore
    read_model: ReadModel
    past_index: PastIndex
    api_objects: ApiObjects
    checkpoints: Checkpoints
    leases: Leases
    try_writing: TryWriting
    audit_records: AuditRecords
    replica_notes: ReplicaNotes | None = None
    witness: LogWitness | None = None
    log_tree: LogTree | None = None
    signed_checkpoints: SignedCheckpoints | None = None
    unreadable_labs: UnreadableViews[LabKey, LabInstanceView] | None = None
    unreadable_objects: UnreadableViews[ApiObjectKey, ApiObjectView] | None = None

    def unreadable(self) -> Sequence[str]:
        """What has a view that cannot be read, by name."""
        labs, objects = self.unreadable_labs, self.unreadable_objects
        return [
            *map(str, labs.unreadable if labs else ()),
            *map(str, objects.unreadable if objects else ()),
        ]


class NoSharedLeases(Unusable):
    """Replicas are wanted, but would have nothing by which to divide the labs."""

    def __init__(self) -> None:
        super().__init__(
            "replicas on one event store divide the labs by leases in MongoDB: name it in "
            "LAB_READ_MODEL, or leave LAB_SHARDS at 1 and run one service"
        )


async def open_stores(
    settings: Settings, clock: Clock, stack: AsyncExitStack, *, held: int
) -> Stores:
    """The stores, open until the stack ends. `held` is the descriptor that holds the data
    directory. Raises Unusable.

    Leases are shared where both stores are on servers. With an embedded one there is but one
    process, so that memory will do.
    """
    if settings.shards > 1 and settings.event_store != SQLITE == settings.read_model:
        raise NoSharedLeases
    events = await _kurrentdb(settings, clock, stack) if settings.event_store != SQLITE else None
    views = await _mongodb(settings, stack) if settings.read_model != SQLITE else None
    if events is not None and views is not None:
        return _on_servers(events, views)
    database = await _database(settings, clock, stack, held=held)
    records = views.audit_records if views else _embedded_records(settings, stack)
    return _embedded(database, events, views, MemoryLeases(clock), records)


def _embedded(
    database: SqliteDatabase,
    events: EventStore | None,
    views: "MongodbStores | None",
    leases: Leases,
    records: AuditRecords,
) -> Stores:
    read_model = views.read_model if views else SqliteReadModel(database)
    api_objects = views.api_objects if views else SqliteApiObjects(database)
    checkpoints = views.checkpoints if views else SqliteCheckpoints(database)
    return Stores(
        events=events or SqliteEventStore(database),
        read_model=read_model,
        past_index=views.past_index if views else SqlitePastIndex(database),
        api_objects=api_objects,
        checkpoints=checkpoints,
        witness=LogWitness(events, checkpoints, interval=_WITNESSED) if events else None,
        leases=leases,
        try_writing=partial(probe_writing, database),
        audit_records=records,
        log_tree=None if events else SqliteLogTree(database),
        signed_checkpoints=None if events else SqliteSignedCheckpoints(database),
        unreadable_labs=read_model.unreadable,
        unreadable_objects=api_objects.unreadable,
    )


def _on_servers(events: EventStore, views: "MongodbStores") -> Stores:
    return Stores(
        events=events,
        read_model=views.read_model,
        past_index=views.past_index,
        api_objects=views.api_objects,
        checkpoints=views.checkpoints,
        leases=views.leases,
        replica_notes=views.replica_notes,
        witness=LogWitness(events, views.checkpoints, interval=_WITNESSED),
        try_writing=partial(views.checkpoints.save, _FOLLOWER, _NOWHERE),
        audit_records=views.audit_records,
        unreadable_labs=views.read_model.unreadable,
        unreadable_objects=views.api_objects.unreadable,
    )


def _embedded_records(settings: Settings, stack: AsyncExitStack) -> AuditRecords:
    records = SqliteAuditRecords(audit_records_in(settings.data_dir))
    stack.push_async_callback(records.close)
    return records


async def _database(
    settings: Settings, clock: Clock, stack: AsyncExitStack, *, held: int
) -> SqliteDatabase:
    """The file, which has the log, the views, or both."""
    labs = await _witnesses(settings)
    database = await SqliteDatabase.open_with_care(
        database_in(settings.data_dir), clock=clock, held=held, labs=labs
    )
    stack.push_async_callback(database.close)
    return database


async def _witnesses(settings: Settings) -> int:
    """How many labs' directories tell of an embedded log; 0 where a server keeps it."""
    if settings.event_store != SQLITE:
        return 0
    return await asyncio.to_thread(count_lab_directories, settings.data_dir)


async def _kurrentdb(settings: Settings, clock: Clock, stack: AsyncExitStack) -> EventStore:
    from infrastructure.kurrentdb.connection import open_kurrentdb  # noqa: PLC0415  see above

    return await stack.enter_async_context(open_kurrentdb(settings.event_store, clock=clock))


async def _mongodb(settings: Settings, stack: AsyncExitStack) -> "MongodbStores":
    from infrastructure.mongodb.connection import open_mongodb  # noqa: PLC0415  see above

    return await stack.enter_async_context(open_mongodb(settings.read_model))
