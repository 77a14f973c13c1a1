"""What may be asked of an object. Wishes: each may be refused, and repeating one changes
nothing."""

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
    """The whole object as it shall be afterwards. One that waits for nothing but its last
    finalizer goes with it."""

    key: ApiObjectKey
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    content: Mapping[str, str]
    managers: tuple[FieldManager, ...]
    precondition: Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveApiObject:
    """It shall go: at once, or when its finalizers and, of a namespace, all that is in it are
    gone."""

    key: ApiObjectKey
    reason: str
    precondition: Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteRemoval:
    """From the keeper of namespaces: nothing is left in the namespace of this uid."""

    key: ApiObjectKey
    uid: str


ApiObjectCommand = DeclareApiObject | ReplaceApiObject | RemoveApiObject | CompleteRemoval
