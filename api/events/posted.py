"""Events that clients write, as objects of both API versions."""

from collections.abc import Sequence
from dataclasses import replace

from api.events.rows import COLUMNS, SELECTABLE, cells, fields
from api.events.versions import (
    NEW_FIELDS,
    OLD_FIELDS,
    as_new,
    as_old,
    to_old,
)
from api.kubernetes.kinds import EVENTS, NEW_EVENTS
from api.objects.object_kind import Content, ObjectKind, as_given
from domain.api_object.decide import DEFAULT_NAMESPACE
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.errors import FaultReason, FieldFault

_LONGEST = {
    "message": 1024,
    "reason": 128,
    "action": 128,
    "reportingComponent": 128,
    "reportingInstance": 128,
}
_LARGEST = 16 * 1024  # an hour of them is in each list


def _faults(key: ApiObjectKey, kept: Content) -> Sequence[FieldFault]:
    about = kept.get("involvedObject")
    field = "involvedObject"
    if about is None:
        message = "the object that the event is about is required"
        return [FieldFault(field=field, reason=FaultReason.REQUIRED, message=message)]
    if isinstance(about, dict) and (about.get("namespace") or DEFAULT_NAMESPACE) != key.namespace:
        message = "does not match event.namespace"
        reason = FaultReason.INVALID
        return [FieldFault(field=f"{field}.namespace", reason=reason, message=message)]
    return _too_long(kept)


def _too_long(kept: Content) -> Sequence[FieldFault]:
    """Kubernetes' own limits; the names are those of the core group."""
    return [
        FieldFault(
            field=name, reason=FaultReason.TOO_LONG, message=f"can have at most {most} bytes"
        )
        for name, most in _LONGEST.items()
        if isinstance(text := kept.get(name), str) and len(text.encode()) > most
    ]


EVENT_OBJECTS = ObjectKind(
    kind=EVENTS,
    stored_as=ApiObjectKind.EVENT,
    columns=COLUMNS,
    written=OLD_FIELDS,
    kept=as_given,
    rendered=as_old,
    selectable=SELECTABLE,
    fields=fields,
    cells=cells,
    faults=_faults,
    largest=_LARGEST,
)
NEW_EVENT_OBJECTS = replace(
    EVENT_OBJECTS, kind=NEW_EVENTS, written=NEW_FIELDS, kept=to_old, rendered=as_new
)
