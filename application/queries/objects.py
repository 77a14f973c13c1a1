"""Answers about documents: one, or all of a kind, now and at any moment of the past."""

from application.commands.open_namespaces import OpenNamespaces
from application.event_log.freshness import Freshness
from application.event_log.object_replay import view_when, views_when
from application.event_log.past import until
from application.mediator.object_questions import (
    AskAdmission,
    DocumentList,
    GetDocument,
    ListDocuments,
)
from application.mediator.questions import (
    AtPosition,
    Latest,
)
from application.ports.event_store import EventStore
from application.ports.object_views import DocumentView
from application.ports.objects import Documents
from domain.api_object.errors import DocumentNotFound


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
