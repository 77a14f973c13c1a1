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
    return ()


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
)
NEW_EVENT_OBJECTS = replace(
    EVENT_OBJECTS, kind=NEW_EVENTS, written=NEW_FIELDS, kept=to_old, rendered=as_new
)
