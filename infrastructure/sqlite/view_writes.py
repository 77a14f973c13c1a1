"""Changes of views as the writer carries them out: rows made beforehand, one for each lab.

As with events, the writer does many rows in one step.
"""

import json
import sqlite3
from collections.abc import Sequence

import msgspec

from infrastructure.sqlite.past_writes import PastWrite
from infrastructure.sqlite.statements import Statements

POSITION = "SELECT position FROM checkpoint"
_ROW = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT = "INSERT INTO views VALUES "
_UNLESS_OLDER = """
ON CONFLICT (namespace, name) DO UPDATE SET
    resource_version = excluded.resource_version, uid = excluded.uid, state = excluded.state,
    template = excluded.template, student = excluded.student, due_at = excluded.due_at,
    labels = excluded.labels, document = excluded.document
WHERE excluded.resource_version > views.resource_version
"""
_DELETE = """
DELETE FROM views WHERE rowid IN (
    SELECT v.rowid FROM json_each(?) AS gone CROSS JOIN views AS v
    ON v.namespace = json_extract(gone.value, '$[0]')
    AND v.name = json_extract(gone.value, '$[1]')
    WHERE v.resource_version < json_extract(gone.value, '$[2]'))
"""
_NOTE_COMMANDS = """
INSERT INTO commands SELECT
    json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
FROM json_each(?) WHERE true
ON CONFLICT (id) DO UPDATE SET version = excluded.version, position = excluded.position
WHERE excluded.position > commands.position
"""
FIND_COMMAND = """
SELECT checkpoint.position, commands.version, commands.position
FROM checkpoint LEFT JOIN commands ON commands.id = ?
"""
_MOVE = (
    "UPDATE checkpoint SET position = ?, "
    "indexed = CASE WHEN indexed >= position THEN max(indexed, ?) ELSE indexed END"
)
_ORIGIN = "SELECT origin FROM checkpoint"
_CLAIM = "UPDATE checkpoint SET origin = ? WHERE origin IS NULL OR origin = ?"
FORGET_EVERYTHING = Statements(
    (
        ("DELETE FROM views", ()),
        ("DELETE FROM documents", ()),
        ("DELETE FROM commands", ()),
        ("DELETE FROM lifetimes", ()),
        ("DELETE FROM stretches", ()),
        ("UPDATE checkpoint SET position = 0, indexed = 0, origin = NULL", ()),
    )
)
"""Removes every view, document and command, the index of the past and the claim, and sets the
checkpoint to 0."""

CommandRow = tuple[str, int, int]
"""The id in hexadecimal digits, the version and the position of its last event."""

ViewRow = tuple[str, str, int, str, str, str, str, int | None, str, str]


class Beside(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """What is written beside views: commands that were carried out on the way to their position,
    and what the index of the past learns."""

    commands: Sequence[CommandRow] = ()
    passed: PastWrite = PastWrite()

    def note(self, connection: sqlite3.Connection) -> None:
        """Note the commands; a repeat changes nothing. Not durable before the commit."""
        if self.commands:
            connection.execute(_NOTE_COMMANDS, (json.dumps(self.commands),))


NOTHING_BESIDE = Beside()


class ViewWrite(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Rows to write, each with the position of its change; the namespace, name and position
    of labs that are gone; the position that the views have reached with it; and what is written
    beside them."""

    changed: Sequence[tuple[int, ViewRow]]
    gone: Sequence[tuple[str, str, int]]
    position: int
    beside: Beside = NOTHING_BESIDE

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write what lies beyond the checkpoint, and move it. Not durable before the commit."""
        [done] = connection.execute(POSITION).fetchone()
        _upsert(connection, [row for position, row in self.changed if position > done])
        gone = [entry for entry in self.gone if entry[2] > done]
        if gone:
            connection.execute(_DELETE, (json.dumps(gone),))
        self.beside.note(connection)
        if self.position > done:
            self.beside.passed(connection)
            connection.execute(_MOVE, (self.position, self.position))


def claim(origin: str) -> Statements:
    """The views are those of the log with this origin, unless they were claimed before."""
    return Statements(((_CLAIM, (origin, in_short(origin))),))


def in_short(origin: str) -> str:
    """The origin as it was rendered before more of the first event was rendered with it."""
    return origin.partition(" ")[0]


def origin_of(connection: sqlite3.Connection) -> str | None:
    """The origin of the log that the views belong to."""
    row = connection.execute(_ORIGIN).fetchone()
    if row is None:
        raise sqlite3.DatabaseError("the checkpoint of the views is missing")
    return None if row[0] is None else str(row[0])


def _upsert(connection: sqlite3.Connection, rows: Sequence[ViewRow]) -> None:
    for start in range(0, len(rows), 64):
        part = rows[start : start + 64]
        statement = _INSERT + ", ".join([_ROW] * len(part)) + _UNLESS_OLDER
        connection.execute(statement, [value for row in part for value in row])
