"""Views as rows of the file: writing them within the writer's transaction, reading them back.

As with events, the writer does many rows in one step.
"""

import sqlite3
from collections.abc import Sequence

import msgspec

from application.newest_changes import newest_of_each
from application.views import LabInstanceView, ViewChange
from domain.lab_instance.policy import due_at
from infrastructure.codec.view_codec import LAB_DOCUMENT
from infrastructure.sqlite.instants import to_microseconds

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

ViewRow = tuple[object, ...]


class ViewWrite:
    """Changes made ready for the writer: encoded beforehand, one for each lab."""

    def __init__(self, changes: Sequence[ViewChange], position: int) -> None:
        self._position = position
        latest = newest_of_each(changes).values()
        self._changed = [
            (change.position, _row(change.after)) for change in latest if change.after is not None
        ]
        self._gone = [
            (change.key.namespace, change.key.name, change.position)
            for change in latest
            if change.after is None
        ]

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write what lies beyond the checkpoint, and move it. Not durable before the commit."""
        [done] = connection.execute(POSITION).fetchone()
        _upsert(connection, [row for position, row in self._changed if position > done])
        gone = [entry for entry in self._gone if entry[2] > done]
        if gone:
            connection.execute(_DELETE, (msgspec.json.encode(gone).decode(),))
        if self._position > done:
            connection.execute("UPDATE checkpoint SET position = ?", (self._position,))


def forget_views(connection: sqlite3.Connection) -> None:
    """Remove every view, and every document, and set the checkpoint to 0."""
    connection.execute("DELETE FROM views")
    connection.execute("DELETE FROM documents")
    connection.execute("UPDATE checkpoint SET position = 0")


def to_view(resource_version: int, document: str) -> LabInstanceView:
    """The view that a row tells."""
    lab = LAB_DOCUMENT.decode(document)
    return LabInstanceView(lab=lab, resource_version=resource_version)


def _row(view: LabInstanceView) -> ViewRow:
    lab = view.lab
    due = due_at(lab)
    return (
        lab.key.namespace,
        lab.key.name,
        view.resource_version,
        lab.uid,
        lab.state.value,
        lab.spec.template,
        lab.spec.student_email,
        None if due is None else to_microseconds(due),
        msgspec.json.encode(lab.labels, order="sorted").decode(),
        LAB_DOCUMENT.encode(lab).decode(),
    )


def _upsert(connection: sqlite3.Connection, rows: Sequence[ViewRow]) -> None:
    for start in range(0, len(rows), 64):
        part = rows[start : start + 64]
        statement = _INSERT + ", ".join([_ROW] * len(part)) + _UNLESS_OLDER
        connection.execute(statement, [value for row in part for value in row])
