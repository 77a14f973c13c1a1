"""Writes of one document each, guarded by the position in it: what is newer stays, and so does
what somebody else has put there meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from pymongo import UpdateOne

Stored = dict[str, Any]
_IS_POSITION = {"$in": [{"$type": "$position"}, ["int", "long"]]}
_IS_NONE = {"$not": [_IS_POSITION]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A document that was met, in the collections of a generation. Whoever writes gives it
    another position."""

    generation: int
    place: Any
    position: Any


def is_position(value: object) -> TypeGuard[int]:
    """Whether a view may carry this as its position."""
    return isinstance(value, int) and not isinstance(value, bool)


def write_unless_newer(place: str, position: int, document: Stored | None) -> UpdateOne:
    """Put the document there, or a tombstone without one: nothing where an equally new or newer
    one stands. What is no position is of no age.

    The comparison is not a part of the filter: so the document is found by its key alone,
    which is fastest, and inserting it cannot collide with what stands there.
    """
    wanted: Stored = (
        {"_id": "$_id", "position": position, "buriedAt": "$$NOW"}
        if document is None
        else {"$literal": document}
    )
    # For speed, decision 61.
    newer = {"$and": [{"$gte": ["$position", position]}, _IS_POSITION]}
    unless_newer = {"$cond": [newer, "$$ROOT", wanted]}
    return UpdateOne({"_id": place}, [{"$replaceWith": unless_newer}], upsert=True)


def replacement(met: Met, document: Stored | None) -> tuple[Mapping[str, Any], Sequence[Any]]:
    """The filter and the change that put the document in the place of the one that was met, or
    a tombstone without one."""
    still = {"$eq": ["$position", met.position]} if is_position(met.position) else _IS_NONE
    age = {"$cond": [_IS_POSITION, "$position", 0]}
    wanted: Stored = (
        {"_id": "$_id", "position": age, "buriedAt": "$$NOW"}
        if document is None
        else {"$literal": document}
    )
    return {"_id": met.place, "$expr": still}, [{"$replaceWith": wanted}]
