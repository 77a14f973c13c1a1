"""Stored events as rows of the file: reading them in chunks, finding where streams end.

What the writer asks and tells goes in one step for a whole batch: each step of a statement
gives the interpreter's lock away, and waits for it behind a busy event loop.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from infrastructure.codec.stored_event import StoredEvent
from infrastructure.sqlite.instants import from_microseconds

AFTER_POSITION = (
    "SELECT * FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"
)
BEFORE_POSITION = "SELECT * FROM events WHERE position < ? ORDER BY position DESC LIMIT ?"
STREAM_FORWARDS = "SELECT * FROM events WHERE stream = ? AND version >= ? ORDER BY version LIMIT ?"
STREAM_BACKWARDS = (
    "SELECT * FROM events WHERE stream = ? AND version <= ? ORDER BY version DESC LIMIT ?"
)
_VERSIONS = """
SELECT json_group_object(
    value, coalesce((SELECT max(version) FROM events WHERE stream = value), 0))
FROM json_each(?)
"""
_HEAD = "SELECT coalesce(max(position), 0) FROM events"
_LAST_RECORDED_AT = "SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1"
_INSERT = "INSERT INTO events VALUES "
_ROW = "(?, ?, ?, ?, ?, ?, ?, ?)"

EventRow = tuple[int, str, int, bytes, str, str, str, int]


_TIPS = msgspec.json.Decoder(dict[str, int])


def fetch_chunk(
    connection: sqlite3.Connection, query: str, parameters: tuple[object, ...]
) -> Sequence[StoredEvent]:
    """The events that one of this module's chunk queries asks for, in its order."""
    return [_stored(row) for row in connection.execute(query, parameters).fetchall()]


def versions_of(connection: sqlite3.Connection, streams: Iterable[str]) -> dict[str, int]:
    """Where each of the streams ends; 0 for those that are absent."""
    named = msgspec.json.encode(list(streams)).decode()
    [found] = connection.execute(_VERSIONS, (named,)).fetchone()
    return _TIPS.decode(found)


def head_of(connection: sqlite3.Connection) -> int:
    """The last position; 0 when there is none."""
    [position] = connection.execute(_HEAD).fetchone()
    return int(position)


def last_recorded_at(connection: sqlite3.Connection) -> int:
    """When the last event was written, in microseconds; 0 when there is none."""
    row = connection.execute(_LAST_RECORDED_AT).fetchone()
    return int(row[0]) if row else 0


def insert_rows(connection: sqlite3.Connection, rows: Sequence[EventRow]) -> None:
    """Write the rows, few statements for many."""
    for start in range(0, len(rows), 64):
        part = rows[start : start + 64]
        statement = _INSERT + ", ".join([_ROW] * len(part))
        connection.execute(statement, [value for row in part for value in row])


def _stored(row: EventRow) -> StoredEvent:
    position, stream, version, id_, type_, data, metadata, recorded_at = row
    return StoredEvent(
        position=position,
        stream=stream,
        version=version,
        id=UUID(bytes=id_),
        type=type_,
        data=data.encode(),
        metadata=metadata.encode(),
        recorded_at=from_microseconds(recorded_at),
    )
