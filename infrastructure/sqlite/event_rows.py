"""Events as rows of the file: writing them, fetching them, finding where streams end.

What the writer asks and answers goes in one step for a whole batch: each step of a statement
gives the interpreter's lock away, and waits for it behind whoever else is busy. The writer's
process loads this module and not what its readers need.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence

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
_LAST_BEFORE_EPOCH = "SELECT coalesce(max(first_position), 1) - 1 FROM epochs"
_BETWEEN_EPOCHS = """
WITH following AS (
    SELECT min(first_position) AS first FROM epochs WHERE first_position > :position)
SELECT first IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM events WHERE position >= :position AND position < first) FROM following
"""
_INSERT = "INSERT INTO events VALUES "
_ROW = "(?, ?, ?, ?, ?, ?, ?, ?)"

EventRow = tuple[int, str, int, bytes, str, str, str, int]
"""Position, stream, version, id, type, data, metadata, microseconds since 1970."""


def rows_of(
    connection: sqlite3.Connection, query: str, parameters: tuple[object, ...]
) -> Sequence[EventRow]:
    """The rows that one of this module's chunk queries asks for, in its order."""
    return connection.execute(query, parameters).fetchall()


def versions_of(connection: sqlite3.Connection, streams: Iterable[str]) -> dict[str, int]:
    """Where each of the streams ends; 0 for those that are absent."""
    [found] = connection.execute(_VERSIONS, (json.dumps(list(streams)),)).fetchone()
    versions: dict[str, int] = json.loads(found)
    return versions


def head_of(connection: sqlite3.Connection) -> int:
    """The last position; 0 when there is none."""
    [position] = connection.execute(_HEAD).fetchone()
    return int(position)


def last_recorded_at(connection: sqlite3.Connection) -> int:
    """When the last event was written, in microseconds; 0 when there is none."""
    row = connection.execute(_LAST_RECORDED_AT).fetchone()
    return int(row[0]) if row else 0


def last_before_epoch(connection: sqlite3.Connection) -> int:
    """The position after which the events of the present epoch come."""
    [position] = connection.execute(_LAST_BEFORE_EPOCH).fetchone()
    return int(position)


def is_between_epochs(connection: sqlite3.Connection, position: int) -> bool:
    """Whether the position is behind the last event of an epoch that has ended, and before the
    first position of the next. Before everything is no such place."""
    [found] = connection.execute(_BETWEEN_EPOCHS, {"position": position}).fetchone()
    return position > 0 and bool(found)


def insert_rows(connection: sqlite3.Connection, rows: Sequence[EventRow]) -> None:
    """Write the rows, few statements for many."""
    for start in range(0, len(rows), 64):
        part = rows[start : start + 64]
        statement = _INSERT + ", ".join([_ROW] * len(part))
        connection.execute(statement, [value for row in part for value in row])
