"""Namespaces as objects."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.kubernetes.kinds import NAMESPACES
from api.kubernetes.tables import Column, age
from api.objects.object_kind import Content, ObjectKind
from domain.api_object.api_object import ApiObject
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.errors import FieldFault

_SPEC = {"finalizers": ["kubernetes"]}


def _phase(api_object: ApiObject) -> str:
    return "Terminating" if api_object.removal_requested_at else "Active"


def _kept(_given: Content) -> Content:
    return {}


def _rendered(api_object: ApiObject, _kept: Content) -> Content:
    return {"spec": _SPEC, "status": {"phase": _phase(api_object)}}


def _fields(api_object: ApiObject, _kept: Content) -> Mapping[str, str]:
    return {"status.phase": _phase(api_object)}


def _cells(api_object: ApiObject, _kept: Content, now: datetime) -> Sequence[Any]:
    return [api_object.key.name, _phase(api_object), age(api_object.declared_at, now)]


def _faults(_key: ApiObjectKey, _given: Content) -> Sequence[FieldFault]:
    return ()


NAMESPACE_OBJECTS = ObjectKind(
    kind=NAMESPACES,
    stored_as=ApiObjectKind.NAMESPACE,
    columns=(
        Column("Name", "The namespace's name."),
        Column("Status", "Active, or Terminating while what is in it goes."),
        Column("Age", "How long ago it was declared."),
    ),
    written=frozenset({"spec", "status"}),  # accepted, and not kept: the service's own affair
    kept=_kept,
    rendered=_rendered,
    selectable=frozenset({"status.phase"}),
    fields=_fields,
    cells=_cells,
    faults=_faults,
)
