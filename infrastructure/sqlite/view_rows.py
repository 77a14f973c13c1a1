"""Views as rows of the file: made ready for the writer, and read back."""

from collections.abc import Iterator, Sequence
from math import ceil
from uuid import UUID

import msgspec

from application.event_log.newest_changes import newest_of_each
from application.ports.read_model import CommandSearch
from application.ports.views import CarriedOut, LabChange, LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.policy import due_at
from infrastructure.codec.instants import to_microseconds
from infrastructure.codec.unreadable import Unreadable, decoded
from infrastructure.codec.view_codec import LAB_DOCUMENT
from infrastructure.sqlite.unreadable_rows import Step, in_hex
from infrastructure.sqlite.view_writes import (
    NOTHING_BESIDE,
    Beside,
    CommandRow,
    ViewRow,
    ViewWrite,
)

FoundRow = tuple[str, str, int, bytes]
"""Namespace, name, resource version and document of a view. One that is not UTF-8 is given as
bytes only."""

_DELETE_MET = "DELETE FROM views WHERE namespace = ? AND name = ? AND hex(document) = ?"
_INSERT_INSTEAD = "INSERT INTO views SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE changes() = 1"
_SMALLEST_PART = 32
_MOST_PARTS = 8


def view_writes(
    changes: Sequence[LabChange], *, position: int, beside: Beside
) -> Iterator[ViewWrite]:
    """What the writer does to take the changes over, which lead up to the position. What stands
    beside them comes with the first part: it may be ahead of the views, and never behind.

    A crowd of them comes in parts that each lead to a position of its own: appends get between
    them, and would wait for the whole otherwise.
    """
    # For speed, decision 25.
    size = max(_SMALLEST_PART, ceil(len(changes) / _MOST_PARTS))
    for end in range(size, len(changes), size):
        reached = min(changes[end - 1].position, position)
        yield _view_write(changes[end - size : end], reached, beside)
        beside = NOTHING_BESIDE
    yield _view_write(changes[-(len(changes) % size or size) :], position, beside)


def command_rows(commands: Sequence[CarriedOut]) -> Sequence[CommandRow]:
    """The commands as the writer notes them."""
    return [(one.command.hex, one.version, one.position) for one in commands]


def _view_write(changes: Sequence[LabChange], position: int, beside: Beside) -> ViewWrite:
    latest = newest_of_each(changes).values()
    return ViewWrite(
        changed=[(one.position, _row(one.after)) for one in latest if one.after is not None],
        gone=[
            (one.key.namespace, one.key.name, one.position) for one in latest if one.after is None
        ],
        position=position,
        beside=beside,
    )


def to_view(row: FoundRow) -> LabInstanceView | Unreadable[LabKey]:
    """The view that a row holds."""
    namespace, name, resource_version, document = row
    key = LabKey(str(namespace), str(name))
    lab = decoded(LAB_DOCUMENT, document, key=key, found=document)
    if isinstance(lab, Unreadable):
        return lab
    return LabInstanceView(lab=lab, resource_version=resource_version)


def found_command(command: UUID, row: tuple[int, int | None, int] | None) -> CommandSearch:
    """What the row says that FIND_COMMAND gives."""
    if row is None:
        return CommandSearch(position=0, found=None)
    reached, version, position = row
    if version is None:
        return CommandSearch(position=reached, found=None)
    found = CarriedOut(command=command, version=version, position=position)
    return CommandSearch(position=reached, found=found)


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
