"""Views as rows of the file: made ready for the writer, and read back."""

from collections.abc import Sequence

import msgspec

from application.newest_changes import newest_of_each
from application.views import LabInstanceView, ViewChange
from domain.lab_instance.policy import due_at
from infrastructure.codec.view_codec import LAB_DOCUMENT
from infrastructure.sqlite.instants import to_microseconds
from infrastructure.sqlite.view_writes import ViewRow, ViewWrite


def view_write(changes: Sequence[ViewChange], *, position: int) -> ViewWrite:
    """What the writer does to take the changes over, which lead up to the position."""
    latest = newest_of_each(changes).values()
    return ViewWrite(
        changed=[(one.position, _row(one.after)) for one in latest if one.after is not None],
        gone=[
            (one.key.namespace, one.key.name, one.position) for one in latest if one.after is None
        ],
        position=position,
    )


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
