"""How fast the views are made anew from the log."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter

from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs, views_in
from application.projections.projector import Projector
from application.projections.watch_feed import WatchFeed
from benchmarks.figures import Figure, median_of, rate
from benchmarks.fleet import object_projection
from benchmarks.log_writer import write_log
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.system_clock import SystemClock

EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000")) // 10


def measure(folder: Path) -> Sequence[Figure]:
    """The projector from the start of a log to its end, several times."""
    path = folder / "labs.sqlite"
    write_log(path, events=EVENTS, projected=False)
    each_second = median_of(3, "projected events a second", lambda: asyncio.run(_rebuilt(path)))
    return [rate(f"projection rebuild, {EVENTS:,} events", each_second)]


async def _rebuilt(path: Path) -> float:
    database = SqliteDatabase.open(path, clock=SystemClock())
    try:
        store, read_model = SqliteEventStore(database), SqliteReadModel(database)
        await read_model.clear()
        projected = Progress()
        api_objects = object_projection(database, store, read_model)
        feed = WatchFeed(store, capacity=20_000, patience=1.0)
        head = await store.head()
        started = perf_counter()
        projector = asyncio.create_task(
            Projector(
                store,
                read_model,
                feed,
                projected=projected,
                recent=RecentLabs(views_in(read_model)),
                api_objects=api_objects,
            ).run()
        )
        await projected.reached(head, within=600)
        spent = perf_counter() - started
        projector.cancel()
        with suppress(asyncio.CancelledError):
            await projector
    finally:
        await database.close()
    return head / spent
