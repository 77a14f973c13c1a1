"""Views as documents of a collection: writing them unless newer ones stand there, reading back.

Beside the lab's own document stand the columns that are searched. A deleted lab leaves a
tombstone behind for a while: its key and position, and none of the columns.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import UpdateOne

from application.ports.views import LabChange, LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.policy import due_at
from infrastructure.codec.view_codec import LAB_DOCUMENT

StoredView = Mapping[str, Any]

SHOWN = {"_id": False, "position": True, "document": True}
"""The fields that `to_view` needs."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def place_of(key: LabKey) -> str:
    """The key as one string. A space sorts before whatever a namespace may hold, so that these
    strings are ordered as the keys are."""
    return f"{key.namespace} {key.name}"


def within(namespace: str) -> Mapping[str, str]:
    """The places of a namespace, as a range."""
    return {"$gte": f"{namespace} ", "$lt": f"{namespace}!"}


def to_microseconds(at: datetime) -> int:
    """The microseconds from 1970 to `at`; the store's own dates know milliseconds only."""
    return (at - _EPOCH) // _MICROSECOND


def to_write(change: LabChange) -> UpdateOne:
    """What the change does to its document: nothing where an equally new or newer one stands.

    The comparison is not a part of the filter: so the document is found by its key alone,
    which is fastest, and inserting it cannot collide with what stands there.
    """
    place = place_of(change.key)
    wanted: dict[str, Any] = (
        {"_id": "$_id", "position": change.position, "buriedAt": "$$NOW"}
        if change.after is None
        else {"$literal": to_document(change.after)}
    )
    unless_older = {"$cond": [{"$gte": ["$position", change.position]}, "$$ROOT", wanted]}
    return UpdateOne({"_id": place}, [{"$replaceWith": unless_older}], upsert=True)


def to_document(view: LabInstanceView) -> dict[str, Any]:
    """The document that keeps the view."""
    lab = view.lab
    columns: dict[str, Any] = {
        "_id": place_of(lab.key),
        "position": view.resource_version,
        "uid": lab.uid,
        "name": lab.key.name,
        "state": lab.state.value,
        "template": lab.spec.template,
        "student": lab.spec.student_email,
        "labels": [*lab.labels, *(f"{key}={value}" for key, value in lab.labels.items())],
        "document": LAB_DOCUMENT.encode(lab).decode(),
    }
    due = due_at(lab)
    return columns if due is None else columns | {"dueAt": to_microseconds(due)}


def to_view(stored: StoredView) -> LabInstanceView:
    """The view that a document keeps."""
    lab = LAB_DOCUMENT.decode(stored["document"])
    return LabInstanceView(lab=lab, resource_version=stored["position"])
