"""Watches of objects: which lines a watcher gets."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from api.kubernetes.options import WatchOptions
from api.kubernetes.representations import Representation
from api.objects.lists import ObjectLists, ObjectPage
from api.objects.selection import Selection
from api.services import Services
from api.watching.watch_events import line
from api.watching.watch_opening import watch_response
from api.watching.watch_response import Quiet, WatchResponse
from application.mediator.questions import Latest
from application.ports.object_views import ApiObjectView
from application.projections.watch_feed import Bookmark


class ObjectWatch:
    """Begins watches."""

    def __init__(self, services: Services, lists: ObjectLists) -> None:
        self._feed = services.object_feed
        self._limits = services.limits
        self._lists = lists

    async def begin(
        self, selection: Selection, options: WatchOptions, form: Representation[ApiObjectView]
    ) -> WatchResponse:
        """A watch from where the options say. Raises ResourceVersionTooLarge."""
        first: ObjectPage | None = None
        start = options.since
        if options.lists_first:
            moment = Latest(not_older_than=options.since or None)
            first = await self._lists.all(selection, moment)
            start = first.position
        elif options.starts_now:
            start = self._feed.published.position
        lines = self._lines(selection, first, start, form, end_mark=bool(options.initial))
        return watch_response(lines, form, options, self._limits)

    async def _lines(
        self,
        selection: Selection,
        first: ObjectPage | None,
        start: int,
        form: Representation[ApiObjectView],
        *,
        end_mark: bool,
    ) -> AsyncIterator[bytes | Quiet]:
        for view in first.views if first else ():
            yield line("ADDED", form.watched(view))
        if end_mark:
            yield line("BOOKMARK", form.bookmark(start, initial_events_end=True))
        async with aclosing(self._feed.changes(after=start)) as changes:
            async for change in changes:
                if isinstance(change, Bookmark):
                    yield Quiet(position=change.position)
                elif (seen := selection.seen_in(change)) is not None:
                    kind, view = seen
                    yield line(kind, form.watched(view))
