"""Commands on API objects. Each may be refused, and repeating one changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.api_object.key import ApiObjectKey
from domain.lab_instance.field_manager import FieldManager
from domain.precondition import Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareApiObject:
    """Refused when the name is taken."""

    key: ApiObjectKey
    uid: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    content: Mapping[str, str]
    managers: tuple[FieldManager, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceApiObject:
    """The whole object as desired. Once removal was requested, taking the last finalizer away
    removes it."""

    key: ApiObjectKey
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    content: Mapping[str, str]
    managers: tuple[FieldManager, ...]
    precondition: Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveApiObject:
    """Request removal: at once, or as soon as its finalizers, and everything in a namespace,
    are gone."""

    key: ApiObjectKey
    reason: str
    precondition: Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteRemoval:
    """From the keeper of namespaces: the namespace of this uid is empty."""

    key: ApiObjectKey
    uid: str


ApiObjectCommand = DeclareApiObject | ReplaceApiObject | RemoveApiObject | CompleteRemoval
