"""Views as rows of the file: made ready for the writer, and read back."""

from collections.abc import Iterator, Sequence
from math import ceil

import msgspec

from application.event_log.newest_changes import newest_of_each
from application.ports.views import LabChange, LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.policy import due_at
from infrastructure.codec.view_codec import LAB_DOCUMENT
from infrastructure.sqlite.instants import to_microseconds
from infrastructure.sqlite.statements import Value
from infrastructure.sqlite.view_writes import ViewRow, ViewWrite

FoundRow = tuple[str, str, int, bytes]
"""Namespace, name, resource version and document of a view. One that is not UTF-8 is given as
bytes only."""

_SMALLEST_PART = 32
_MOST_PARTS = 8


def view_writes(changes: Sequence[LabChange], *, position: int) -> Iterator[ViewWrite]:
    """What the writer does to take the changes over, which lead up to the position.

    A crowd of them comes in parts that each lead to a position of its own: appends get between
    them, and would wait for the whole otherwise.
    """
    # For speed, decision 25.
    size = max(_SMALLEST_PART, ceil(len(changes) / _MOST_PARTS))
    for end in range(size, len(changes), size):
        yield _view_write(changes[end - size : end], changes[end - 1].position)
    yield _view_write(changes[-(len(changes) % size or size) :], position)


def _view_write(changes: Sequence[LabChange], position: int) -> ViewWrite:
    latest = newest_of_each(changes).values()
    return ViewWrite(
        changed=[(one.position, _row(one.after)) for one in latest if one.after is not None],
        gone=[
            (one.key.namespace, one.key.name, one.position) for one in latest if one.after is None
        ],
        position=position,
    )


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A row whose document is not that of a lab, by what stands in it."""

    key: LabKey
    document: bytes | None
    reason: str


def to_view(row: FoundRow) -> LabInstanceView | Unreadable:
    """The view that a row holds."""
    namespace, name, resource_version, document = row
    key = LabKey(str(namespace), str(name))
    try:
        lab = LAB_DOCUMENT.decode(document)
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        return Unreadable(key=key, document=document, reason=str(error))
    if lab.key != key:
        return Unreadable(key=key, document=document, reason=f"it is that of {lab.key}")
    return LabInstanceView(lab=lab, resource_version=resource_version)


def put_in_its_place(view: LabInstanceView) -> tuple[str, Sequence[Value]]:
    """The step that writes the view where the step before it has removed one."""
    return "INSERT INTO views SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE changes() = 1", _row(view)


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
