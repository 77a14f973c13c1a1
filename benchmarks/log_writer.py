"""Fills a data folder with a long history, or a large fleet, fast: through the codec, straight
into the file."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from application.event_log.labs import stream_of
from application.ports.checkpoints import Checkpoint
from application.ports.event_store import EMPTY, NewEvent
from application.projections.origin import origin_of_log
from domain.lab_instance.end_facts import Deleted, DeletionRequested
from domain.lab_instance.events import (
    BecameReady,
    LabInstanceCreated,
    LabInstanceEvent,
    MetadataChanged,
    ProvisioningStarted,
)
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec
from infrastructure.codec.chain import seal
from infrastructure.codec.instants import to_microseconds
from infrastructure.sqlite.checkpoints import SqliteCheckpoints
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_rows import EventRow, insert_rows
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.schema import prepare
from infrastructure.system_clock import SystemClock

START = datetime(2026, 1, 1, tzinfo=UTC)
_METADATA = {
    "$correlationId": "benchmark",
    "$causationId": "",
    "commandId": "",
    "actor": "benchmark",
    "userAgent": "benchmark",
    "traceparent": "",
}
_LABS_AT_ONCE = 2000


def write_log(path: Path, *, events: int, projected: bool) -> None:
    """A log of about so many events: whole lives of labs, five events each, of which every
    tenth is not over. `projected`: the checkpoints say that the views know all of it, which
    is true for the lives that are over; then all are."""

    def told(number: int) -> Sequence[LabInstanceEvent]:
        life = _life(LabKey("history", f"lab-{number}"), number, START)
        return life if projected or number % 10 else life[:3]

    position = _write(path, max(1, events // 5), told)
    if projected:
        asyncio.run(_mark_as_read(path, position))


def write_fleet(path: Path, *, labs: int, since: datetime) -> None:
    """A log of so many labs that became ready a moment after `since`, and that no view knows."""
    _write(path, labs, lambda number: _life(fleet_key(number), number, since)[:3])


def write_long_life(path: Path, key: LabKey, *, events: int) -> None:
    """Add one lab with so many events: its labels are changed again and again."""
    [created, started, ready, *_] = _life(key, 10**9, START)
    changes = [_relabelled(number) for number in range(events - 3)]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        [position] = connection.execute("SELECT max(position) FROM events").fetchone()
        new = [
            NewEvent(id=UUID(int=10**12 + index), event=event, metadata=_METADATA)
            for index, event in enumerate([created, started, ready, *changes])
        ]
        connection.execute("BEGIN")
        insert_rows(connection, list(_sealed_rows(stream_of(key), new, position, START)))
        connection.execute("COMMIT")


def _relabelled(number: int) -> MetadataChanged:
    return MetadataChanged(labels={"turn": str(number)}, annotations={}, finalizers=(), at=START)


def fleet_key(number: int) -> LabKey:
    """Where lab `number` of a fleet is: a hundred stand in each namespace."""
    return LabKey(f"class-{number // 100}", f"lab-{number}")


def uid_of(number: int) -> str:
    """The uid of lab `number`."""
    return str(UUID(int=number))


def _write(path: Path, lives: int, told: Callable[[int], Sequence[LabInstanceEvent]]) -> int:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        prepare(connection)
        position = 0
        for first in range(0, lives, _LABS_AT_ONCE):
            numbers = range(first, min(lives, first + _LABS_AT_ONCE))
            rows = list(_rows(numbers, position, told))
            connection.execute("BEGIN")
            insert_rows(connection, rows)
            connection.execute("COMMIT")
            position = rows[-1][0]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return position


async def _mark_as_read(path: Path, position: int) -> None:
    database = SqliteDatabase.open(path, clock=SystemClock())
    try:
        await SqliteReadModel(database).apply((), position=position)
        if origin := await origin_of_log(SqliteEventStore(database)):
            checkpoint = Checkpoint(position=position, origin=origin)
            await SqliteCheckpoints(database).save("watcher", checkpoint)
    finally:
        await database.close()


def _rows(
    lives: range, position: int, told: Callable[[int], Sequence[LabInstanceEvent]]
) -> Iterator[EventRow]:
    for number in lives:
        life = told(number)
        new = [
            NewEvent(id=UUID(int=number * 8 + index), event=event, metadata=_METADATA)
            for index, event in enumerate(life)
        ]
        created = life[0]
        assert isinstance(created, LabInstanceCreated)
        rows = list(_sealed_rows(stream_of(created.lab), new, position, created.at))
        position += len(rows)
        yield from rows


def _sealed_rows(
    stream: str, new: Sequence[NewEvent], position: int, since: datetime
) -> Iterator[EventRow]:
    for place, sealed in enumerate(seal(stream, new, EMPTY), position + 1):
        yield (
            place,
            sealed.stream,
            sealed.version,
            sealed.new.id.bytes,
            sealed.type,
            sealed.data.decode(),
            sealed.metadata.decode(),
            to_microseconds(since + timedelta(milliseconds=place)),
        )


def _life(key: LabKey, number: int, since: datetime) -> Sequence[LabInstanceEvent]:
    at = since + timedelta(milliseconds=number)
    spec = LabInstanceSpec(
        template="python-basics",
        duration="240h",
        student_email=f"student-{number}@example.com",
        environment={"COURSE": "101"},
    )
    return (
        LabInstanceCreated(
            lab=key,
            uid=uid_of(number),
            spec=spec,
            labels={"course": str(number % 50)},
            annotations={},
            finalizers=(),
            at=at,
        ),
        ProvisioningStarted(revision=1, deadline=at + timedelta(minutes=2), at=at),
        BecameReady(revision=1, endpoint="http://127.0.0.1:1", isolation="simulated", at=at),
        DeletionRequested(reason="user", at=at),
        Deleted(proof="benchmark", left_behind=(), at=at),
    )
