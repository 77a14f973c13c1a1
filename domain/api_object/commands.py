"""What may be asked of a document. Wishes: each may be refused, and repeating one changes
nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.api_object.key import DocumentKey
from domain.lab_instance.field_manager import FieldManager


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPrecondition:
    """What must be true of the document for a command to apply; None asks nothing."""

    uid: str | None
    resource_version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareDocument:
    """Refused when the name is taken."""

    document: DocumentKey
    uid: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    content: Mapping[str, str]
    managers: tuple[FieldManager, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceDocument:
    """The whole document as it shall be afterwards. One that waits for nothing but its last
    finalizer goes with it."""

    document: DocumentKey
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    content: Mapping[str, str]
    managers: tuple[FieldManager, ...]
    precondition: DocumentPrecondition


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDocument:
    """It shall go: at once, or when its finalizers and, of a namespace, all that is in it are
    gone."""

    document: DocumentKey
    reason: str
    precondition: DocumentPrecondition


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteRemoval:
    """From the keeper of namespaces: nothing is left in the namespace of this uid."""

    document: DocumentKey
    uid: str


DocumentCommand = DeclareDocument | ReplaceDocument | RemoveDocument | CompleteRemoval

ANY_DOCUMENT = DocumentPrecondition(uid=None, resource_version=None)
