"""Writing waiting appends inside the writer's transaction: checks, repeats, positions, times."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.event_store import RecordedEvent, StreamConflict
from infrastructure.codec.chain import SealedEvent
from infrastructure.codec.stored_event import read_stored
from infrastructure.sqlite.event_rows import (
    STREAM_FORWARDS,
    EventRow,
    fetch_chunk,
    head_of,
    insert_rows,
    last_recorded_at,
    versions_of,
)
from infrastructure.sqlite.instants import from_microseconds, to_microseconds


@dataclass(frozen=True, slots=True)
class Append:
    """The events that shall follow version `expected` of their stream, asked for at `at`."""

    stream: str
    expected: int
    events: Sequence[SealedEvent]
    at: datetime


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of an append. `fresh` is False when it repeats an earlier one."""

    events: Sequence[RecordedEvent]
    fresh: bool


class Appender:
    """Used by the writer thread only, which is the only one to append: so the next position
    is known without asking the file, and positions rise in the order of commits."""

    def __init__(self) -> None:
        self._head = 0
        self._last_at = 0

    def recover(self, connection: sqlite3.Connection) -> None:
        """Learn from the file where it ends: at the start, and after a failed transaction."""
        self._head = head_of(connection)
        self._last_at = last_recorded_at(connection)

    def write(
        self, connection: sqlite3.Connection, appends: Sequence[Append]
    ) -> Sequence[Appended | StreamConflict]:
        """Write what fits, in order, and answer each. Not durable before the commit."""
        if not appends:
            return ()
        tips = versions_of(connection, {append.stream for append in appends})
        rows: list[EventRow] = []
        answers: list[Appended | StreamConflict] = []
        for append in appends:
            actual = tips[append.stream]
            if actual == append.expected:
                answers.append(Appended(self._numbered(append, rows), fresh=True))
                tips[append.stream] = actual + len(append.events)
            else:
                insert_rows(connection, rows)
                rows.clear()
                answers.append(_repeated(connection, append, actual))
        insert_rows(connection, rows)
        return answers

    def _numbered(self, append: Append, rows: list[EventRow]) -> Sequence[RecordedEvent]:
        self._last_at = max(self._last_at, to_microseconds(append.at))
        at = from_microseconds(self._last_at)
        recorded: list[RecordedEvent] = []
        for sealed in append.events:
            self._head += 1
            rows.append(_row(self._head, sealed, self._last_at))
            recorded.append(sealed.recorded(self._head, at))
        return recorded


def _row(position: int, sealed: SealedEvent, at: int) -> EventRow:
    return (
        position,
        sealed.stream,
        sealed.version,
        sealed.new.id.bytes,
        sealed.type,
        sealed.data.decode(),
        sealed.metadata.decode(),
        at,
    )


def _repeated(
    connection: sqlite3.Connection, append: Append, actual: int
) -> Appended | StreamConflict:
    """The result of the earlier append when every id is that of the event at its place."""
    wanted = (append.stream, append.expected + 1, len(append.events))
    stored = fetch_chunk(connection, STREAM_FORWARDS, wanted)
    if [event.id for event in stored] != [sealed.new.id for sealed in append.events]:
        return StreamConflict(append.stream, append.expected, actual)
    return Appended([read_stored(event) for event in stored], fresh=False)
