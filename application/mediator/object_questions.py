"""What can be asked about API objects."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.mediator.mediator import Query
from application.mediator.questions import (
    Moment,
)
from application.ports.object_views import DocumentView
from domain.api_object.key import DocumentKey, DocumentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDocument(Query[DocumentView]):
    """One document. Raises DocumentNotFound when there was none at that moment."""

    key: DocumentKey
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentList:
    """All documents asked for, by namespace and name. Everything up to `position` is told."""

    views: Sequence[DocumentView]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDocuments(Query[DocumentList]):
    """All documents of a kind; of one namespace, if one is said."""

    kind: DocumentKind
    namespace: str | None
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAdmission(Query[None]):
    """Whether something of this name may come into the namespace: a lab, or a document of the
    key given. Raises DocumentNotFound, NamespaceTerminating when it may not."""

    namespace: str
    name: str
    key: DocumentKey | None
