"""Views as documents of a collection: writing them unless newer ones stand there, reading back.

Beside the lab's own document stand the columns that are searched. A deleted lab leaves a
tombstone behind for a while: its key and position, and none of the columns.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pymongo import UpdateOne

from application.ports.views import LabChange, LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.policy import due_at
from infrastructure.codec.object_document import Document
from infrastructure.codec.unreadable import Keyed, Unreadable, decoded
from infrastructure.codec.view_codec import LAB_DOCUMENT
from infrastructure.mongodb.guarded_writes import Met, is_position, write_unless_newer

K = TypeVar("K")
T = TypeVar("T", bound=Keyed[object])
StoredView = Mapping[str, Any]

SHOWN = {"position": True, "document": True, "buriedAt": True}
"""The fields that are read of any view."""

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
    """What the change does to its document: nothing where an equally new or newer one stands."""
    document = None if change.after is None else to_document(change.after)
    return write_unless_newer(place_of(change.key), change.position, document)


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


def is_tombstone(stored: StoredView) -> bool:
    """Whether this is the trace of something deleted."""
    return "buriedAt" in stored and "document" not in stored


def to_view(stored: StoredView, generation: int) -> LabInstanceView | Unreadable[LabKey]:
    """The view that a document of a generation keeps."""
    lab = read_document(LAB_DOCUMENT, stored, _key_of(stored), generation)
    if isinstance(lab, Unreadable):
        return lab
    return LabInstanceView(lab=lab, resource_version=stored["position"])


def stray(stored: StoredView, generation: int) -> Unreadable[LabKey]:
    """A document that no question finds, whatever it keeps."""
    reason = "its columns are not those of a view"
    return Unreadable(key=_key_of(stored), found=_met(stored, generation), reason=reason)


def read_document(
    document: Document[T], stored: StoredView, key: K, generation: int
) -> T | Unreadable[K]:
    """What is kept under the key, where it and its position can be read."""
    met = _met(stored, generation)
    if not is_position(met.position):
        return Unreadable(key=key, found=met, reason="its position is no number")
    return decoded(document, stored.get("document"), key=key, found=met)


def _met(stored: StoredView, generation: int) -> Met:
    return Met(generation=generation, place=stored["_id"], position=stored.get("position"))


def _key_of(stored: StoredView) -> LabKey:
    namespace, _, name = str(stored["_id"]).partition(" ")
    return LabKey(namespace, name)
