"""Fills a data folder with labs that are ready, as a service that was stopped left it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

from application.event_log.freshness import Freshness
from application.event_log.moments import Moments
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs, views_in
from application.ports.checkpoints import Checkpoint
from application.ports.event_store import EventStore
from application.projections.object_projection import ApiObjectProjection
from application.projections.origin import origin_of_log
from application.projections.projector import Projector
from application.projections.watch_feed import WatchFeed
from benchmarks.log_writer import fleet_key, uid_of, write_fleet
from infrastructure.simulated.journal import Journal, SimulatedRuntime
from infrastructure.sqlite.checkpoints import SqliteCheckpoints
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.objects import SqliteApiObjects
from infrastructure.sqlite.past_index import SqlitePastIndex
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.system_clock import SystemClock
from infrastructure.wiring.objects import ObjectPorts, ObjectSide


def fill_with_fleet(folder: Path, *, labs: int, since: datetime) -> None:
    """So many labs that became ready a moment after `since`: in the log, in the views, and in
    what the simulated provisioner remembers; nobody has anything left to read."""
    write_fleet(folder / "labs.sqlite", labs=labs, since=since)
    asyncio.run(project_all(folder / "labs.sqlite"))
    journal = Journal(folder / "simulated.jsonl")
    journal.load()
    for number in range(labs):
        runtime = SimulatedRuntime(
            lab=fleet_key(number),
            uid=uid_of(number),
            revision=1,
            ready_at=0.0,
            fails=False,
            position=number * 3 + 1,
            starts={1: 1},
        )
        journal.write(runtime.uid, runtime)
    journal.close()


async def project_all(path: Path) -> None:
    """Have the views and the watcher's checkpoint reach the end of the log."""
    database = SqliteDatabase.open(path, clock=SystemClock())
    try:
        store = SqliteEventStore(database)
        head = await store.head()
        async with projecting(store, database) as (_, projected):
            await projected.reached(head, within=600)
        if origin := await origin_of_log(store):
            checkpoint = Checkpoint(position=head, origin=origin)
            await SqliteCheckpoints(database).save("watcher", checkpoint)
    finally:
        await database.close()


@asynccontextmanager
async def projecting(
    store: EventStore, database: SqliteDatabase
) -> AsyncIterator[tuple[SqliteReadModel, Progress]]:
    """With a projector at work that writes this log's views into the file."""
    read_model, projected = SqliteReadModel(database), Progress()
    projector = asyncio.create_task(
        Projector(
            store,
            read_model,
            WatchFeed(store, capacity=20_000, patience=1.0),
            projected=projected,
            recent=RecentLabs(views_in(read_model)),
            api_objects=object_projection(database, store, read_model),
        ).run()
    )
    try:
        yield read_model, projected
    finally:
        projector.cancel()
        with suppress(asyncio.CancelledError):
            await projector


def object_projection(
    database: SqliteDatabase, store: EventStore, read_model: SqliteReadModel
) -> ApiObjectProjection:
    """The projector's hand for API objects, over this file."""
    freshness = Freshness(
        store, read_model, written=Progress(), projected=Progress(), patience=1.0
    )
    ports = ObjectPorts(
        store=store,
        api_objects=SqliteApiObjects(database),
        read_model=read_model,
        clock=SystemClock(),
        written=Progress(),
        freshness=freshness,
        moments=Moments(store, SqlitePastIndex(database), SystemClock()),
    )
    return ObjectSide(ports, capacity=1000, patience=1.0).projection
