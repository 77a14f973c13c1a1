"""Who owns which fields after a write: Kubernetes' managed fields.

A lab's owners are kept from the first write on that names its manager (`fieldManager`). Until
then nobody owns anything, and writes cost and record nothing for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from api.http.refusals import ApplyConflict, FieldConflict
from api.kubernetes.field_sets import (
    Fields,
    applied_to,
    fields_from,
    fields_in,
    fields_text,
    shown,
    value_at,
    without,
)
from api.kubernetes.writer import FieldWriter
from domain.lab_instance.field_manager import FieldManager

Managers = tuple[FieldManager, ...]

_UPDATE, _APPLY = "Update", "Apply"
_BY_NAME = attrgetter("manager", "operation", "subresource")
_MOST_UPDATERS = 10
_ANCIENT = "ancient-changes"


def after_update(managers: Managers, before: Any, after: Any, writer: FieldWriter) -> Managers:
    """The owners once `writer` has changed `before` to `after`: what changed is his alone."""
    if not managers and not writer.named:
        return managers
    old, new = fields_in(before), fields_in(after)
    changed = {path for path in new if value_at(before, path) != value_at(after, path)}
    gone = old - new
    if not changed and not gone:
        return managers
    left = _without(_others(managers, writer, _UPDATE), changed | gone)
    mine = _own(managers, writer, _UPDATE)
    had = fields_from(mine.fields) if mine else frozenset()
    return _capped(_with(left, managers, writer, _UPDATE, (had - gone) | changed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an apply leads to."""

    document: Any
    managers: Managers


def after_apply(
    managers: Managers, live: Any, wanted: Any, writer: FieldWriter, *, force: bool
) -> Applied:
    """The live document once `writer` has applied what he wants, and its owners.

    Fields that he applied before, wants no more and nobody else owns are taken away. Raises
    ApplyConflict when others own what he wants otherwise, unless `force` takes it from them.
    """
    fields = fields_in(wanted)
    others = _others(managers, writer, _APPLY)
    differing = {path for path in fields if value_at(live, path) != value_at(wanted, path)}
    conflicts = [
        FieldConflict(manager=other.manager, since=other.at, field=shown(path))
        for other in others
        for path in sorted(fields_from(other.fields) & differing)
    ]
    if conflicts and not force:
        raise ApplyConflict(conflicts)
    others = _without(others, differing)
    mine = _own(managers, writer, _APPLY)
    had = fields_from(mine.fields) if mine else frozenset()
    owned = frozenset[tuple[str, ...]]().union(*(fields_from(other.fields) for other in others))
    document = live
    for path in sorted(had - fields - owned):
        document = without(document, path)
    document = applied_to(document, wanted)
    return Applied(document=document, managers=_with(others, managers, writer, _APPLY, fields))


def _capped(managers: Managers) -> Managers:
    """At most ten who update, as Kubernetes keeps them: what the oldest of them changed stands
    under one name for all. Who applies is always kept, as his next apply is judged by it."""
    updaters = [each for each in managers if each.operation == _UPDATE]
    if len(updaters) <= _MOST_UPDATERS:
        return managers
    by_age = sorted(updaters, key=lambda each: (each.manager != _ANCIENT, each.at))
    oldest = by_age[: len(updaters) - _MOST_UPDATERS + 1]
    fields = frozenset[tuple[str, ...]]().union(*(fields_from(each.fields) for each in oldest))
    ancient = FieldManager(
        manager=_ANCIENT,
        operation=_UPDATE,
        subresource="",
        fields=fields_text(fields),
        at=max(each.at for each in oldest),
    )
    kept = [each for each in managers if each not in oldest]
    return tuple(sorted((*kept, ancient), key=_BY_NAME))


def _others(managers: Managers, writer: FieldWriter, operation: str) -> Managers:
    mine = _own(managers, writer, operation)
    return tuple(each for each in managers if each is not mine)


def _own(managers: Managers, writer: FieldWriter, operation: str) -> FieldManager | None:
    wanted = (writer.name, operation, writer.subresource)
    for each in managers:
        if (each.manager, each.operation, each.subresource) == wanted:
            return each
    return None


def _without(managers: Sequence[FieldManager], taken: Fields | set[tuple[str, ...]]) -> Managers:
    kept: list[FieldManager] = []
    for each in managers:
        fields = fields_from(each.fields)
        left = fields - taken
        if left:
            kept.append(each if left == fields else replace(each, fields=fields_text(left)))
    return tuple(kept)


def _with(
    others: Managers, before: Managers, writer: FieldWriter, operation: str, fields: Fields
) -> Managers:
    """The others and the writer's own entry, by manager, so that equal sets are equal."""
    if not fields:
        return others
    mine = _own(before, writer, operation)
    text = fields_text(fields)
    if mine is None or mine.fields != text:
        mine = FieldManager(
            manager=writer.name,
            operation=operation,
            subresource=writer.subresource,
            fields=text,
            at=writer.at,
        )
    return tuple(sorted((*others, mine), key=_BY_NAME))
