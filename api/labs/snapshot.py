"""Lists in pages that all tell one moment, however much changes between two pages."""

from api.kubernetes.continue_token import ContinueFrom, Segment
from api.watching.watch import states_before
from application.mediator.mediator import Mediator
from application.mediator.questions import AtPosition, Latest, ListLabInstances, Moment
from application.ports.read_model import Page
from application.ports.selectors import ViewFilter
from application.ports.views import LabInstanceView
from application.projections.watch_feed import WatchFeed

LabSegment = Segment[LabInstanceView]


class Snapshot:
    """Reads pages from the views. A later page is put back to the moment of the first with
    the changes that came in between, so its cost follows them and not the log."""

    def __init__(self, mediator: Mediator, feed: WatchFeed) -> None:
        self._mediator = mediator
        self._feed = feed

    async def first(self, wanted: ViewFilter, moment: Moment, limit: int) -> LabSegment:
        """The first page of the list of that moment."""
        question = ListLabInstances(wanted=wanted, moment=moment, after=None, limit=limit)
        page = await self._mediator.ask(question)
        return _segment(page, past=not isinstance(moment, Latest))

    async def after(self, wanted: ViewFilter, place: ContinueFrom, limit: int) -> LabSegment:
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
    ) -> LabSegment:
        earlier = await states_before(self._feed, place.position, page.position)
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


def _segment(page: Page, *, past: bool) -> LabSegment:
    rest = None
    if page.more:
        last = page.views[-1].lab.key
        rest = ContinueFrom(after=last, position=page.position, past=past)
    return Segment(views=page.views, position=page.position, rest=rest)
