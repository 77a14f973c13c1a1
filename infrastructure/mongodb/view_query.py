"""Selectors as conditions of the store, each of which an index can serve.

What a lab must not have is put as an expression, because no index can lead there: left to
itself, the server would read almost a whole index in the wrong order, and sort.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from application.ports.selectors import (
    FieldRequirement,
    LabelRequirement,
    LabField,
    Operator,
    ViewFilter,
)
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState
from infrastructure.mongodb.view_documents import place_of, to_microseconds, within

Condition = Mapping[str, Any]

BY_PLACE = [("_id", 1)]
"""The order of every list: by namespace and name."""

LONGEST_OVERDUE_FIRST = [("dueAt", 1), ("_id", 1)]

_PRESENT = tuple(state.value for state in LabState if state is not LabState.DELETED)
_UNSETTLED = tuple(state for state in _PRESENT if state != LabState.FAILED.value)
_COLUMN = {
    LabField.NAME: "name",
    LabField.STATE: "state",
    LabField.TEMPLATE: "template",
    LabField.STUDENT: "student",
}


def _in_states(states: Sequence[str]) -> Condition:
    return {"state": {"$in": list(states)}}


STRAY: Condition = {"state": {"$nin": list(_PRESENT)}, "buriedAt": {"$exists": False}}
"""What is neither a view nor a tombstone."""

COUNTED_BY_STATE: Sequence[Condition] = [
    {"$match": _in_states(_PRESENT)},
    {"$group": {"_id": "$state", "labs": {"$sum": 1}}},
]


def matching(wanted: ViewFilter, *, after: LabKey | None) -> Condition:
    """The labs that match and come after the key given.

    Naming every state leaves the tombstones out, and lets the indexes serve that hold none.
    """
    conditions = [
        _in_states(_PRESENT),
        *(_of_field(part) for part in wanted.fields),
        *(_of_label(part) for part in wanted.labels),
        *_beyond(after),
    ]
    return {"$and": conditions}


def unsettled(after: LabKey | None) -> Condition:
    """The labs that are not failed, after the key given."""
    return {"$and": [_in_states(_UNSETTLED), *_beyond(after)]}


def due_by(now: datetime) -> Condition:
    """The labs whose time has come."""
    return {"dueAt": {"$lte": to_microseconds(now)}}


def owned_by(uids: Sequence[str]) -> Condition:
    """The labs of these uids."""
    return {"$and": [_in_states(_PRESENT), {"uid": {"$in": list(uids)}}]}


def _beyond(after: LabKey | None) -> Sequence[Condition]:
    return () if after is None else ({"_id": {"$gt": place_of(after)}},)


def _of_field(part: FieldRequirement) -> Condition:
    if part.field is LabField.NAMESPACE:
        places = within(part.value)
        return {"_id": {"$not": places} if part.negated else places}
    column = _COLUMN[part.field]
    if part.negated:
        return {"$expr": {"$ne": [f"${column}", {"$literal": part.value}]}}
    return {column: part.value}


def _of_label(part: LabelRequirement) -> Condition:
    """Labels are kept in one list, each as its key alone and as `key=value`."""
    pairs = [f"{part.key}={value}" for value in part.values]
    match part.operator:
        case Operator.IN:
            return {"labels": {"$in": pairs}}
        case Operator.NOT_IN:
            return _without_labels(pairs)
        case Operator.EXISTS:
            return {"labels": part.key}
        case Operator.ABSENT:
            return _without_labels([part.key])


def _without_labels(entries: Sequence[str]) -> Condition:
    found = {"$setIntersection": ["$labels", {"$literal": list(entries)}]}
    return {"$expr": {"$eq": [{"$ifNull": [found, []]}, []]}}
