"""What a watch of labs is about."""

from collections.abc import AsyncGenerator, AsyncIterator

from api.labs.snapshot import LabSegment, Snapshot
from api.services import Services
from api.watching.watch import Seen, follow_views
from application.mediator.questions import Latest
from application.ports.selectors import ViewFilter
from application.ports.views import LabInstanceView
from application.projections.watch_feed import Bookmark


class WatchedLabs:
    """The labs that a filter selects; see Watched."""

    def __init__(self, services: Services, snapshot: Snapshot, wanted: ViewFilter) -> None:
        self._feed = services.watch_feed
        self._chunk = services.limits.chunk
        self._snapshot = snapshot
        self._wanted = wanted

    @property
    def published(self) -> int:
        return self._feed.published.position

    async def first(self, latest: Latest) -> tuple[int, AsyncIterator[LabInstanceView]]:
        segment = await self._snapshot.first(self._wanted, latest, self._chunk)
        return segment.position, self._from(segment)

    def follow(self, after: int) -> AsyncGenerator[Seen[LabInstanceView] | Bookmark, None]:
        return follow_views(self._feed, after, lambda view: self._wanted.matches(view.lab))

    async def _from(self, segment: LabSegment) -> AsyncIterator[LabInstanceView]:
        while True:
            for view in segment.views:
                yield view
            if segment.rest is None:
                return
            segment = await self._snapshot.after(self._wanted, segment.rest, self._chunk)
