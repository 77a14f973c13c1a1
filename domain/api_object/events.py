"""Events of API objects. Facts: never changed, never taken back, read for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.api_object.key import ApiObjectKey
from domain.lab_instance.edits import ManagersEdit, TextsEdit
from domain.lab_instance.field_manager import FieldManager


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObjectDeclared:
    """An object was declared. Begins an incarnation: a new `uid` under a new or used name."""

    key: ApiObjectKey = field(metadata={"stored_as": "document"})
    uid: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    content: Mapping[str, str]
    managers: tuple[FieldManager, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObjectReplaced:
    """Its metadata and content are these now."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    content: Mapping[str, str]
    managers: tuple[FieldManager, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObjectEdited:
    """Some of what it says is something else now: of a large object, what has changed."""

    labels: TextsEdit
    annotations: TextsEdit
    finalizers: tuple[str, ...]
    content: TextsEdit
    managers: ManagersEdit
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalRequested:
    """Removal was requested, and waits for finalizers or for what is in the namespace."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiObjectRemoved:
    """The object is removed. Ends the incarnation."""

    reason: str
    at: datetime


ApiObjectEvent = (
    ApiObjectDeclared | ApiObjectReplaced | ApiObjectEdited | RemovalRequested | ApiObjectRemoved
)
