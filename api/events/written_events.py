"""The Events that clients write: recorded documents."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from api.events.filter import EventFilter
from api.events.item import EventChange, EventItem
from api.events.posted import EVENT_OBJECTS
from api.events.source import EventPage
from api.events.turns import in_turns
from api.objects.presenter import ObjectPresenter
from api.services import Services
from application.mediator.object_questions import GetApiObject, ListApiObjects
from application.mediator.questions import NOW, Latest
from application.ports.views import ApiObjectView
from application.projections.watch_feed import Bookmark
from domain.api_object.errors import ApiObjectNotFound
from domain.api_object.key import ApiObjectKind


class WrittenEvents:
    """The EventSource of clients. One that changes between two pages is sent by a watch."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._feed = services.object_feed
        self._presenter = ObjectPresenter(EVENT_OBJECTS)

    async def get(self, namespace: str, name: str) -> EventItem | None:
        moment = NOW
        question = GetApiObject(key=EVENT_OBJECTS.key(namespace, name), moment=moment)
        try:
            return self._item(await self._mediator.ask(question))
        except ApiObjectNotFound:
            return None

    async def find(self, wanted: EventFilter, *, after: int, upto: int | None) -> EventPage:
        moment = Latest(not_older_than=upto)
        found = await self._mediator.ask(
            ListApiObjects(kind=ApiObjectKind.EVENT, namespace=wanted.namespace, moment=moment)
        )
        position = found.position if upto is None else upto
        shown = [view for view in found.views if after < view.resource_version <= position]
        return EventPage(await in_turns(self._item, shown), position)

    async def changes(self, *, after: int, upto: int) -> AsyncIterator[EventChange]:
        async with aclosing(self._feed.changes(after=after)) as changes:
            async for change in changes:
                if isinstance(change, Bookmark):
                    if change.position >= upto:
                        return
                elif change.position > upto:
                    return
                elif change.key.kind is ApiObjectKind.EVENT:
                    before, after_it = change.before, change.after
                    yield EventChange(
                        change.position,
                        self._item(before) if before else None,
                        self._item(after_it) if after_it else None,
                    )

    def _item(self, view: ApiObjectView) -> EventItem:
        return EventItem(view.resource_version, self._presenter.document(view))
