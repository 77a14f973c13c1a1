"""Views as rows of the file: made ready for the writer, and read back."""

from collections.abc import Iterator, Sequence
from math import ceil

import msgspec

from application.event_log.newest_changes import newest_of_each
from application.ports.views import LabChange, LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.policy import due_at
from infrastructure.codec.unreadable import Unreadable, decoded
from infrastructure.codec.view_codec import LAB_DOCUMENT
from infrastructure.sqlite.instants import to_microseconds
from infrastructure.sqlite.past_writes import PastWrite
from infrastructure.sqlite.unreadable_rows import Step, in_hex
from infrastructure.sqlite.view_writes import ViewRow, ViewWrite

FoundRow = tuple[str, str, int, bytes]
"""Namespace, name, resource version and document of a view. One that is not UTF-8 is given as
bytes only."""

_DELETE_MET = "DELETE FROM views WHERE namespace = ? AND name = ? AND hex(document) = ?"
_INSERT_INSTEAD = "INSERT INTO views SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE changes() = 1"
_SMALLEST_PART = 32
_MOST_PARTS = 8


def view_writes(
    changes: Sequence[LabChange], *, position: int, passed: PastWrite
) -> Iterator[ViewWrite]:
    """What the writer does to take the changes over, which lead up to the position. What has
    passed is in the first of them: it may be ahead of the views, never behind.

        A crowd of them comes in parts that each lead to a position of its own: appends get between
        them, and would wait for the whole otherwise.
    """
    # For speed, decision 25.
    size = max(_SMALLEST_PART, ceil(len(changes) / _MOST_PARTS))
    for end in range(size, len(changes), size):
        reached = min(changes[end - 1].position, position)
        yield _view_write(changes[end - size : end], reached, passed)
        passed = PastWrite()
    yield _view_write(changes[-(len(changes) % size or size) :], position, passed)


def _view_write(changes: Sequence[LabChange], position: int, passed: PastWrite) -> ViewWrite:
    latest = newest_of_each(changes).values()
    return ViewWrite(
        changed=[(one.position, _row(one.after)) for one in latest if one.after is not None],
        gone=[
            (one.key.namespace, one.key.name, one.position) for one in latest if one.after is None
        ],
        position=position,
        passed=passed,
    )


def to_view(row: FoundRow) -> LabInstanceView | Unreadable[LabKey]:
    """The view that a row holds."""
    namespace, name, resource_version, document = row
    key = LabKey(str(namespace), str(name))
    lab = decoded(LAB_DOCUMENT, document, key=key, found=document)
    if isinstance(lab, Unreadable):
        return lab
    return LabInstanceView(lab=lab, resource_version=resource_version)


def replacing(row: Unreadable[LabKey], view: LabInstanceView | None) -> Sequence[Step]:
    """The steps that put the view in the place of this row while it is still there."""
    key = row.key
    gone = (_DELETE_MET, (key.namespace, key.name, in_hex(row)))
    return (gone,) if view is None else (gone, (_INSERT_INSTEAD, _row(view)))


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
