"""Answers about objects: one, or all of a kind, now and at any moment of the past."""

from application.commands.open_namespaces import OpenNamespaces
from application.event_log.api_objects import API_OBJECTS
from application.event_log.freshness import Freshness
from application.event_log.moments import Moments
from application.event_log.replay import view_when
from application.mediator.object_questions import (
    ApiObjectList,
    AskAdmission,
    GetApiObject,
    ListApiObjects,
)
from application.mediator.questions import Latest
from application.ports.event_store import EventStore
from application.ports.objects import ApiObjects
from application.ports.views import ApiObjectView
from application.queries.folded_moments import FoldedMoments
from domain.api_object.errors import ApiObjectNotFound


class ApiObjectQueries:
    """Answers GetApiObject, ListApiObjects and AskAdmission."""

    def __init__(
        self,
        store: EventStore,
        api_objects: ApiObjects,
        *,
        freshness: Freshness,
        moments: Moments,
        namespaces: OpenNamespaces,
    ) -> None:
        self._store = store
        self._api_objects = api_objects
        self._freshness = freshness
        self._moments = moments
        self._past = FoldedMoments(API_OBJECTS, store)
        self._namespaces = namespaces

    async def get(self, question: GetApiObject) -> ApiObjectView:
        """Raises ApiObjectNotFound, ResourceVersionTooLarge."""
        key, moment = question.key, question.moment
        if isinstance(moment, Latest):
            await self._freshness.caught_up(moment)
            view = await self._api_objects.get(key)
        else:
            upto = await self._moments.position_of(moment)
            view = await view_when(API_OBJECTS, self._store, key, upto=upto, first_version=1)
        if view is None:
            raise ApiObjectNotFound(key)
        return view

    async def find(self, question: ListApiObjects) -> ApiObjectList:
        """Raises ResourceVersionTooLarge."""
        kind, namespace, moment = question.kind, question.namespace, question.moment
        if isinstance(moment, Latest):
            position = await self._freshness.caught_up(moment)
            views = await self._api_objects.find(kind, namespace=namespace)
            return ApiObjectList(views=views, position=position)
        position = await self._moments.position_of(moment)
        past = await self._past.views(position)
        keys = [key for key in past if key.kind is kind and namespace in (None, key.namespace)]
        views = [past[key] for key in sorted(keys, key=lambda key: key.place)]
        return ApiObjectList(views=views, position=position)

    async def admission(self, question: AskAdmission) -> None:
        """Raises ApiObjectNotFound, NamespaceTerminating."""
        namespace, name = question.namespace, question.name
        await self._namespaces.admit(namespace, name=name, key=question.key)
