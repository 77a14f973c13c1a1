"""What a watch of objects is about."""

from collections.abc import AsyncGenerator, AsyncIterator

from api.objects.lists import ObjectLists
from api.objects.selection import Selection
from api.services import Services
from api.watching.watch import Seen, follow_views, one_by_one
from application.mediator.questions import Latest
from application.ports.views import ApiObjectView
from application.projections.watch_feed import Bookmark


class WatchedObjects:
    """The objects of a selection; see Watched."""

    def __init__(self, services: Services, lists: ObjectLists, selection: Selection) -> None:
        self._feed = services.object_feed
        self._lists = lists
        self._selection = selection

    @property
    def published(self) -> int:
        return self._feed.published.position

    async def first(self, latest: Latest) -> tuple[int, AsyncIterator[ApiObjectView]]:
        page = await self._lists.all(self._selection, latest)
        return page.position, one_by_one(page.views)

    def follow(self, after: int) -> AsyncGenerator[Seen[ApiObjectView] | Bookmark, None]:
        return follow_views(self._feed, after, self._selection.matches)
