"""What the past costs, in processor time, beside reading and decoding the same rows plainly:
lists of a moment, what differs between two, and making the views anew."""

import asyncio
import json
import os
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from time import process_time

from application.event_log.freshness import Freshness
from application.event_log.moments import Moments
from application.event_log.progress import Progress
from application.mediator.past_questions import GetDifferences
from application.mediator.questions import AtPosition, ListLabInstances
from application.ports.selectors import EVERYTHING
from application.projections.rebuilding import rebuild
from application.queries.differences import DifferenceQueries
from application.queries.past_labs import PastLabs
from benchmarks.figures import Figure, progress, ratio, seconds
from benchmarks.log_writer import write_log
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.past_index import SqlitePastIndex
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.view_generations import SqliteViewGenerations
from infrastructure.system_clock import SystemClock

EVENTS = int(os.environ.get("BENCH_PAST_EVENTS", "200000"))
_NEAR = 5_000
_SIZES = "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT value FROM json_each(?))"


def measure(folder: Path) -> Sequence[Figure]:
    """One log, in which a tenth of the lives are not over, and the questions to it."""
    path = folder / "labs.sqlite"
    write_log(path, events=EVENTS, projected=False)
    plain, events = _plain_reading(path)
    progress(f"{events:,} rows read and decoded plainly in {plain:.2f} s of processor time")
    made = asyncio.run(_made_anew(path))
    figures = [
        ratio("views made anew, rate against plain reading", 1 / made, 1 / plain),
        seconds("  for each 1,000 events", made / events * 1000, goal="20 ms"),
    ]
    return [*figures, *asyncio.run(_asked(path, plain, events)), _size(path)]


def _plain_reading(path: Path) -> tuple[float, int]:
    started, events = process_time(), 0
    with closing(sqlite3.connect(path)) as connection:
        for row in connection.execute("SELECT * FROM events ORDER BY position"):
            json.loads(row[5])
            json.loads(row[6])
            events += 1
    return process_time() - started, events


async def _made_anew(path: Path) -> float:
    clock = SystemClock()
    database = SqliteDatabase.open(path, clock=clock)
    generations = SqliteViewGenerations(path, clock, release=database.close)
    started = process_time()
    try:
        store, views = SqliteEventStore(database), SqliteReadModel(database)
        await rebuild(store, views, generations, lambda *_: None)
        return process_time() - started
    finally:
        await generations.close()
        await database.close()


async def _asked(path: Path, plain: float, events: int) -> Sequence[Figure]:
    database = SqliteDatabase.open(path, clock=SystemClock())
    try:
        past, half = _Past(database), events // 2
        first, _ = await _cost(lambda: past.listed(half, 500))
        whole, fleet = await _cost(lambda: past.listed(half, events))
        near, _ = await _cost(lambda: past.differing(half - _NEAR, half))
        far, differences = await _cost(lambda: past.differing(half, events))
    finally:
        await database.close()
    half_of_it = plain / 2
    return [
        seconds("first 500 labs at the half", first, goal="1 s, however long the log"),
        ratio("  against reading the log up to there", first, half_of_it),
        seconds(f"all {fleet:,} labs at the half", whole),
        ratio("  against reading the log up to there", whole, half_of_it),
        seconds(f"differences over {_NEAR:,} events", near, goal="2 s"),
        seconds(f"differences of half and end, {differences:,} labs", far),
    ]


class _Past:
    """The questions, answered as the service answers them."""

    def __init__(self, database: SqliteDatabase) -> None:
        store, index = SqliteEventStore(database), SqlitePastIndex(database)
        freshness = Freshness(
            store,
            SqliteReadModel(database),
            written=Progress(),
            projected=Progress(),
            patience=1.0,
        )
        self._labs = PastLabs(store, index, freshness)
        moments = Moments(store, index, SystemClock())
        self._compared = DifferenceQueries(store, self._labs, moments)

    async def listed(self, position: int, limit: int) -> int:
        """How many labs there were, of so many at most."""
        moment = AtPosition(position=position)
        asked = ListLabInstances(wanted=EVERYTHING, moment=moment, after=None, limit=limit)
        return len((await self._labs.find(asked, position)).views)

    async def differing(self, earlier: int, later: int) -> int:
        """How many differences there are."""
        asked = GetDifferences(
            earlier=AtPosition(position=earlier),
            later=AtPosition(position=later),
            wanted=EVERYTHING,
            after=None,
            limit=later,
        )
        return len((await self._compared.find(asked)).differences)


async def _cost(work: Callable[[], Awaitable[int]]) -> tuple[float, int]:
    """Processor time, and what the work answers."""
    started = process_time()
    answer = await work()
    return process_time() - started, answer


def _size(path: Path) -> Figure:
    with closing(sqlite3.connect(path)) as connection:
        log, index = (
            connection.execute(_SIZES, (json.dumps(names),)).fetchone()[0]
            for names in (["events", "sqlite_autoindex_events_1"], ["lifetimes", "stretches"])
        )
    return ratio("size of the index of the past, against the log", index, log)
