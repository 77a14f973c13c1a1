"""Leases as objects: what operators elect their leaders with."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.kubernetes.kinds import LEASES
from api.kubernetes.tables import Column, age
from api.objects.object_kind import Content, ObjectKind, as_given
from domain.api_object.api_object import ApiObject
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.errors import FaultReason, FieldFault

_SMALLEST = {"leaseDurationSeconds": 1, "leaseTransitions": 0}


def _rendered(_object: ApiObject, kept: Content) -> Content:
    return kept


def _fields(_object: ApiObject, _kept: Content) -> Mapping[str, str]:
    return {}


def _cells(api_object: ApiObject, kept: Content, now: datetime) -> Sequence[Any]:
    holder = (kept.get("spec") or {}).get("holderIdentity")
    return [api_object.key.name, holder, age(api_object.declared_at, now)]


def _faults(_key: ApiObjectKey, given: Content) -> Sequence[FieldFault]:
    spec = given.get("spec")
    if not isinstance(spec, dict):
        return ()
    return [
        FieldFault(
            field=f"spec.{name}",
            reason=FaultReason.INVALID,
            message=f"must be {smallest} or more",
        )
        for name, smallest in _SMALLEST.items()
        if type(spec.get(name)) is int and spec[name] < smallest
    ]


LEASE_OBJECTS = ObjectKind(
    kind=LEASES,
    stored_as=ApiObjectKind.LEASE,
    columns=(
        Column("Name", "The lease's name."),
        Column("Holder", "Who holds it."),
        Column("Age", "How long ago it was made."),
    ),
    written=frozenset({"spec"}),
    kept=as_given,
    rendered=_rendered,
    selectable=frozenset(),
    fields=_fields,
    cells=_cells,
    faults=_faults,
)
