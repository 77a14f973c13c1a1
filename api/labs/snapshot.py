"""Lists in pages that all tell one moment, however much changes between two pages."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from api.kubernetes.continue_token import ContinueFrom
from application.mediator.mediator import Mediator
from application.mediator.questions import AtPosition, Latest, ListLabInstances, Moment
from application.ports.read_model import Page
from application.ports.selectors import ViewFilter
from application.ports.views import LabInstanceView, ViewChange
from application.projections.watch_feed import WatchFeed
from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Some of the labs as they were at `position`; `rest` tells where the others begin."""

    views: Sequence[LabInstanceView]
    position: int
    rest: ContinueFrom | None


class Snapshot:
    """Reads pages from the views. A later page is put back to the moment of the first with
    the changes that came in between, so its cost follows them and not the log."""

    def __init__(self, mediator: Mediator, feed: WatchFeed) -> None:
        self._mediator = mediator
        self._feed = feed

    async def first(self, wanted: ViewFilter, moment: Moment, limit: int) -> Segment:
        """The first page of the list of that moment."""
        question = ListLabInstances(wanted=wanted, moment=moment, after=None, limit=limit)
        page = await self._mediator.ask(question)
        return _segment(page, past=not isinstance(moment, Latest))

    async def after(self, wanted: ViewFilter, place: ContinueFrom, limit: int) -> Segment:
        """The page that begins at `place`."""
        moment: Moment = Latest(not_older_than=place.position)
        if place.past:
            moment = AtPosition(position=place.position)
        question = ListLabInstances(wanted=wanted, moment=moment, after=place.after, limit=limit)
        page = await self._mediator.ask(question)
        if page.position == place.position:
            return _segment(page, past=place.past)
        return await self._put_back(page, wanted, place, limit)

    async def _put_back(
        self, page: Page, wanted: ViewFilter, place: ContinueFrom, limit: int
    ) -> Segment:
        earlier = await self._before_changes(place.position, page.position)
        end = page.views[-1].lab.key if page.more else None
        views = {view.lab.key: view for view in page.views}
        for key, before in earlier.items():
            if key <= place.after or (end is not None and key > end):
                continue
            views.pop(key, None)
            if before is not None and wanted.matches(before.lab):
                views[key] = before
        ordered = [views[key] for key in sorted(views)]
        if len(ordered) > limit:
            end = ordered[limit - 1].lab.key
        rest = ContinueFrom(after=end, position=place.position, past=False) if end else None
        return Segment(views=ordered[:limit], position=place.position, rest=rest)

    async def _before_changes(
        self, start: int, end: int
    ) -> Mapping[LabKey, LabInstanceView | None]:
        """Every lab that changed after `start` and until `end`, as it was at `start`."""
        earlier: dict[LabKey, LabInstanceView | None] = {}
        async with aclosing(self._feed.changes(after=start)) as changes:
            async for change in changes:
                if isinstance(change, ViewChange) and change.position <= end:
                    earlier.setdefault(change.key, change.before)
                elif change.position >= end:
                    break
        return earlier


def _segment(page: Page, *, past: bool) -> Segment:
    rest = None
    if page.more:
        last = page.views[-1].lab.key
        rest = ContinueFrom(after=last, position=page.position, past=past)
    return Segment(views=page.views, position=page.position, rest=rest)
