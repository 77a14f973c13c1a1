"""What a watch of Events is about."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from api.events.filter import EventFilter
from api.events.item import EventItem
from api.events.source import EventSources
from api.watching.watch import Seen, one_by_one
from application.mediator.questions import Latest
from application.projections.watch_feed import Bookmark, WatchFeed


class WatchedEvents:
    """The Events that a filter selects; see Watched."""

    def __init__(self, feed: WatchFeed, sources: EventSources, wanted: EventFilter) -> None:
        self._feed = feed
        self._sources = sources
        self._wanted = wanted

    @property
    def published(self) -> int:
        return self._feed.published.position

    async def first(self, latest: Latest) -> tuple[int, AsyncIterator[EventItem]]:
        page = await self._sources.find(self._wanted, after=0, upto=latest.not_older_than)
        return page.position, one_by_one(page.items)

    async def follow(self, after: int) -> AsyncGenerator[Seen[EventItem] | Bookmark, None]:
        """See Watched. The feed says how far the log has come; what happened is read from the
        log itself."""
        ahead = max(after, self.published)
        async with aclosing(self._feed.changes(after=ahead)) as ticks:
            async for tick in ticks:
                if not isinstance(tick, Bookmark):
                    continue
                async for change in self._sources.changes(after=after, upto=tick.position):
                    if (seen := self._wanted.seen_in(change)) is not None:
                        yield seen
                after = tick.position
                yield tick
