"""Stored events as rows of the file: reading them in chunks, finding where streams end.

Each statement answers with a single row of JSON. Stepping through rows one by one would take
and give back the interpreter's lock for each, and waits for it behind a busy event loop.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from infrastructure.codec.stored_event import StoredEvent
from infrastructure.sqlite.instants import from_microseconds

_CHUNK = (
    "SELECT json_group_array(json_array("
    "position, stream, version, hex(id), type, data, metadata, recorded_at"
    ")) FROM (SELECT * FROM events WHERE "
)
AFTER_POSITION = _CHUNK + "position > ? AND position <= ? ORDER BY position LIMIT ?)"
STREAM_FORWARDS = _CHUNK + "stream = ? AND version >= ? ORDER BY version LIMIT ?)"
STREAM_BACKWARDS = _CHUNK + "stream = ? AND version <= ? ORDER BY version DESC LIMIT ?)"
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


class _Row(msgspec.Struct, array_like=True, frozen=True):
    position: int
    stream: str
    version: int
    id: UUID
    type: str
    data: str
    metadata: str
    recorded_at: int


_ROWS = msgspec.json.Decoder(list[_Row])
_TIPS = msgspec.json.Decoder(dict[str, int])


def fetch_chunk(
    connection: sqlite3.Connection, query: str, parameters: tuple[object, ...]
) -> Sequence[StoredEvent]:
    """The events that one of this module's chunk queries asks for, in its order."""
    [found] = connection.execute(query, parameters).fetchone()
    try:
        return [_stored(row) for row in _ROWS.decode(found)]
    except msgspec.MsgspecError as error:
        raise sqlite3.DatabaseError(f"a row of the events is damaged: {error}") from error


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


def _stored(row: _Row) -> StoredEvent:
    return StoredEvent(
        position=row.position,
        stream=row.stream,
        version=row.version,
        id=row.id,
        type=row.type,
        data=row.data.encode(),
        metadata=row.metadata.encode(),
        recorded_at=from_microseconds(row.recorded_at),
    )
