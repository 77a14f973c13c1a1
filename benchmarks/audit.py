"""Questions over all labs and one long history, in processor time, beside a plain read."""

import asyncio
import json
import os
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import process_time

from application.event_log.moments import Moments
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs, views_in
from application.mediator.history_questions import GetHistory, HistoryFilter
from application.ports.audit_records import (
    ActFilter,
    LifeFilter,
    Reading,
    UsageBy,
    UsageQuestion,
)
from application.projections.audit_recorder import AuditRecorder
from application.queries.history import HistoryQueries
from benchmarks.figures import Figure, progress, rate, ratio, seconds
from benchmarks.log_writer import START, write_log, write_long_life
from domain.lab_instance.key import LabKey
from infrastructure.data_directory.claim import audit_records_in
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.sqlite.audit_records import SqliteAuditRecords
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.past_index import SqlitePastIndex
from infrastructure.system_clock import SystemClock

EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000")) // 5
LONG = 5000
_ROUNDS = 5
_LONG_LIFE = LabKey("history", "long")


def measure(folder: Path) -> Sequence[Figure]:
    """A log of short lives and one long one, recorded and asked."""
    path = folder / "labs.sqlite"
    write_log(path, events=EVENTS, projected=False)
    write_long_life(path, _LONG_LIFE, events=LONG)
    plain = _plain(path)
    progress(f"plain: {plain:,.0f} events a CPU second")
    return asyncio.run(_measured(path, plain))


async def _measured(path: Path, plain: float) -> Sequence[Figure]:
    database = SqliteDatabase.open(path, clock=SystemClock())
    records = SqliteAuditRecords(audit_records_in(path.parent))
    try:
        store = SqliteEventStore(database)
        recorded = await _recorded(store, records)
        size = await asyncio.to_thread(_size, audit_records_in(path.parent))
        log = await asyncio.to_thread(_size, path)
        questions = _questions(database, store, records)
        asked = [(name, await _spent(question)) for name, question in questions.items()]
    finally:
        await records.close()
        await database.close()
    return [
        rate("plain read and decode of the rows, a CPU second", plain),
        rate(f"recorded events of {EVENTS:,}, a CPU second", recorded),
        ratio("  against it", recorded, plain),
        ratio("size of the records against the log's", size, log, goal="0.5"),
        *(
            seconds(f"{name}, CPU", spent, goal=f"{goal.total_seconds()} s")
            for (name, spent), goal in zip(asked, _GOALS, strict=True)
        ),
    ]


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))


def _plain(path: Path) -> float:
    with closing(sqlite3.connect(path)) as connection:
        begun, number = process_time(), 0
        for data, metadata in connection.execute("SELECT data, metadata FROM events"):
            json.loads(data), json.loads(metadata)
            number += 1
        return number / (process_time() - begun)


async def _recorded(store: SqliteEventStore, records: SqliteAuditRecords) -> float:
    recorded = Progress()
    recorder = AuditRecorder(
        store, records, recorded=recorded, recent=RecentLabs(views_in(MemoryReadModel()))
    )
    begun, head = process_time(), await store.head()
    task = asyncio.create_task(recorder.run())
    await recorded.reached(head, within=3600)
    spent = process_time() - begun
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return head / spent


Question = Callable[[], Awaitable[object]]
_GOALS = (
    timedelta(milliseconds=50),
    timedelta(milliseconds=500),
    timedelta(milliseconds=50),
    timedelta(milliseconds=500),
    timedelta(milliseconds=50),
    timedelta(milliseconds=50),
    timedelta(milliseconds=50),
)


def _questions(
    database: SqliteDatabase, store: SqliteEventStore, records: SqliteAuditRecords
) -> Mapping[str, Question]:
    moments = Moments(store, SqlitePastIndex(database), SystemClock())
    history = HistoryQueries(store, records, moments)
    month = UsageQuestion(
        by=UsageBy.STUDENT, label="", since=START, until=START + timedelta(days=31)
    )

    def page(beside: int, *, newest_first: bool = False) -> Question:
        question = GetHistory(
            key=_LONG_LIFE,
            wanted=HistoryFilter(),
            newest_first=newest_first,
            beside=beside,
            limit=250,
        )
        return lambda: history.history(question)

    return {
        "acts of one actor, first page": lambda: records.acts(
            ActFilter(actor="benchmark"), Reading()
        ),
        "usage of a month by student": lambda: records.usage(month),
        "labs of one student": lambda: records.lives(
            LifeFilter(student="student-77@example.com"), Reading()
        ),
        "counts of a day": lambda: records.counts(START, timedelta(hours=1), 24),
        f"history of {LONG:,} events, first page": page(0),
        f"history of {LONG:,} events, last page": page(LONG - 250),
        f"history of {LONG:,} events, newest first": page(0, newest_first=True),
    }


async def _spent(question: Question) -> float:
    spent: list[float] = []
    for _ in range(_ROUNDS):
        begun = process_time()
        await question()
        spent.append(process_time() - begun)
    return median(spent)
