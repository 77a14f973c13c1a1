"""Watches: which lines a watcher gets. How they travel is `watch_response`'s business."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from api.kubernetes.options import WatchOptions
from api.kubernetes.representations import Representation
from api.labs.snapshot import Segment, Snapshot
from api.services import Services
from api.watching.watch_events import line, seen_through
from api.watching.watch_opening import watch_response
from api.watching.watch_response import Quiet, WatchResponse
from application.mediator.questions import Latest
from application.ports.selectors import ViewFilter
from application.ports.views import LabInstanceView
from application.projections.watch_feed import Bookmark


class LabWatch:
    """Begins watches."""

    def __init__(self, services: Services, snapshot: Snapshot) -> None:
        self._feed = services.watch_feed
        self._limits = services.limits
        self._snapshot = snapshot

    async def begin(
        self, wanted: ViewFilter, options: WatchOptions, form: Representation[LabInstanceView]
    ) -> WatchResponse:
        """A watch from where the options say. What can be refused is refused now, before the
        first line; raises ResourceVersionTooLarge."""
        first: Segment | None = None
        start = options.since
        if options.lists_first:
            latest = Latest(not_older_than=options.since or None)
            first = await self._snapshot.first(wanted, latest, self._limits.chunk)
            start = first.position
        elif options.starts_now:
            start = self._feed.published.position
        lines = self._lines(wanted, first, start, form, end_mark=bool(options.initial))
        return watch_response(lines, form, options, self._limits)

    async def _lines(
        self,
        wanted: ViewFilter,
        segment: Segment | None,
        start: int,
        form: Representation[LabInstanceView],
        *,
        end_mark: bool,
    ) -> AsyncIterator[bytes | Quiet]:
        while segment is not None:
            for view in segment.views:
                yield line("ADDED", form.watched(view))
            rest = segment.rest
            segment = (
                await self._snapshot.after(wanted, rest, self._limits.chunk) if rest else None
            )
        if end_mark:
            yield line("BOOKMARK", form.bookmark(start, initial_events_end=True))
        async with aclosing(self._feed.changes(after=start)) as changes:
            async for change in changes:
                if isinstance(change, Bookmark):
                    yield Quiet(position=change.position)
                elif (seen := seen_through(wanted, change)) is not None:
                    kind, view = seen
                    yield line(kind, form.watched(view))
