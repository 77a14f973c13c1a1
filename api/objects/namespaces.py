"""Namespaces as objects."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.kubernetes.kinds import NAMESPACES
from api.kubernetes.tables import Column, age
from api.objects.object_kind import Content, ObjectKind
from domain.api_object.api_object import Document
from domain.api_object.key import DocumentKey, DocumentKind
from domain.errors import FieldFault

_SPEC = {"finalizers": ["kubernetes"]}


def _phase(document: Document) -> str:
    return "Terminating" if document.removal_requested_at else "Active"


def _kept(_given: Content) -> Content:
    return {}


def _told(document: Document, _kept: Content) -> Content:
    return {"spec": _SPEC, "status": {"phase": _phase(document)}}


def _fields(document: Document, _kept: Content) -> Mapping[str, str]:
    return {"status.phase": _phase(document)}


def _cells(document: Document, _kept: Content, now: datetime) -> Sequence[Any]:
    return [document.key.name, _phase(document), age(document.declared_at, now)]


def _faults(_key: DocumentKey, _given: Content) -> Sequence[FieldFault]:
    return ()


NAMESPACE_OBJECTS = ObjectKind(
    kind=NAMESPACES,
    document=DocumentKind.NAMESPACE,
    columns=(
        Column("Name", "The namespace's name."),
        Column("Status", "Active, or Terminating while what is in it goes."),
        Column("Age", "How long ago it was declared."),
    ),
    written=frozenset({"spec", "status"}),  # accepted, and not kept: the service's own affair
    kept=_kept,
    told=_told,
    selectable=frozenset({"status.phase"}),
    fields=_fields,
    cells=_cells,
    faults=_faults,
)
