"""Answers about documents: one, or all of a kind, now and at any moment of the past."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.documents.freshness import Freshness
from application.documents.namespaces import OpenNamespaces
from application.documents.replay import view_when, views_when
from application.documents.views import DocumentView
from application.mediator import Query
from application.past import until
from application.ports.documents import Documents
from application.ports.event_store import EventStore
from application.queries.questions import (
    AtPosition,
    Latest,
    Moment,
)
from domain.document.errors import DocumentNotFound
from domain.document.key import DocumentKey, DocumentKind


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


class DocumentQueries:
    """Answers GetDocument, ListDocuments and AskAdmission."""

    def __init__(
        self,
        store: EventStore,
        documents: Documents,
        *,
        freshness: Freshness,
        namespaces: OpenNamespaces,
    ) -> None:
        self._store = store
        self._documents = documents
        self._freshness = freshness
        self._namespaces = namespaces

    async def get(self, question: GetDocument) -> DocumentView:
        """Raises DocumentNotFound, ResourceVersionTooLarge."""
        key, moment = question.key, question.moment
        if isinstance(moment, Latest):
            await self._freshness.caught_up(moment.not_older_than)
            view = await self._documents.get(key)
        else:
            view = await view_when(self._store, key, await until(self._store, moment))
        if view is None:
            raise DocumentNotFound(key)
        return view

    async def find(self, question: ListDocuments) -> DocumentList:
        """Raises ResourceVersionTooLarge."""
        kind, namespace, moment = question.kind, question.namespace, question.moment
        if isinstance(moment, Latest):
            position = await self._freshness.caught_up(moment.not_older_than)
            views = await self._documents.find(kind, namespace=namespace)
            return DocumentList(views=views, position=position)
        past, reached = await views_when(self._store, await until(self._store, moment))
        keys = [key for key in past if key.kind is kind and namespace in (None, key.namespace)]
        told = [past[key] for key in sorted(keys, key=lambda key: key.place)]
        at = moment.position if isinstance(moment, AtPosition) else reached
        return DocumentList(views=told, position=at)

    async def admission(self, question: AskAdmission) -> None:
        """Raises DocumentNotFound, NamespaceTerminating."""
        namespace, name = question.namespace, question.name
        await self._namespaces.admit(namespace, name=name, key=question.key)
