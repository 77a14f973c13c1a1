"""GET of one Event, of lists of Events, and watches of what comes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response

from api.events.filter import EventFilter, wanted_events
from api.events.item import EventItem
from api.events.presenter import EventPresenter
from api.events.source import EventPage, Sources
from api.http.refusals import BadRequest, ObjectNotFound
from api.http.responses import json_response
from api.kubernetes.continue_token import ContinueFrom, read_token, write_token
from api.kubernetes.list_body import list_response
from api.kubernetes.list_metadata import ListMetadata
from api.kubernetes.options import (
    WatchOptions,
    is_true,
    moment_of_list,
    number,
    resource_version,
    watch_options,
)
from api.kubernetes.representations import Representation, requested_representation
from api.services import Services
from api.watching.watch_events import line
from api.watching.watch_opening import watch_response
from api.watching.watch_response import Quiet
from application.mediator.questions import AtPosition, AtTime, Latest
from application.projections.watch_feed import Bookmark
from domain.lab_instance.key import LabKey


class EventReads:
    """The reading routes of Events, in one group."""

    def __init__(self, services: Services, sources: Sources, presenter: EventPresenter) -> None:
        self._feed = services.watch_feed
        self._clock = services.clock
        self._limits = services.limits
        self._sources = sources
        self._presenter = presenter

    async def get(self, request: Request) -> Response:
        """One Event."""
        form = requested_representation(request, self._presenter, self._clock)
        namespace, name = request.path_params["namespace"], request.path_params["name"]
        found = await self._sources.get(namespace, name)
        if found is None:
            kind = self._presenter.kind
            raise ObjectNotFound(group=kind.group, plural=kind.plural, name=name)
        return json_response(form.one(found))

    async def list_or_watch(self, request: Request) -> Response:
        """The Events of a namespace, or of all, that match; or those to come."""
        query = request.query_params
        form = requested_representation(request, self._presenter, self._clock)
        wanted = wanted_events(query, request.path_params.get("namespace"))
        if is_true(query, "watch"):
            return await self._watch(wanted, watch_options(query), form)
        place = read_token(query["continue"]) if query.get("continue") else None
        upto = place.position if place else _upto(request)
        page = await self._sources.find(wanted, after=_told(place), upto=upto)
        limit = number(query, "limit", absent=0) or len(page.items)
        metadata = _list_metadata(page.items, limit, page.position)
        return list_response(form, page.items[:limit], metadata)

    async def _watch(
        self, wanted: EventFilter, options: WatchOptions, form: Representation[EventItem]
    ) -> Response:
        first: EventPage | None = None
        start = options.since
        if options.lists_first:
            first = await self._sources.find(wanted, after=0, upto=options.since or None)
            start = first.position
        elif options.starts_now:
            start = self._feed.published.position
        lines = self._lines(wanted, first, start, form, end_mark=bool(options.initial))
        return watch_response(lines, form, options, self._limits)

    async def _lines(
        self,
        wanted: EventFilter,
        first: EventPage | None,
        start: int,
        form: Representation[EventItem],
        *,
        end_mark: bool,
    ) -> AsyncIterator[bytes | Quiet]:
        for item in first.items if first else ():
            yield line("ADDED", form.watched(item))
        if end_mark:
            yield line("BOOKMARK", form.bookmark(start, initial_events_end=True))
        # The feed tells how far the log has come; what is there is read from the log itself.
        ahead = max(start, self._feed.published.position)
        async with aclosing(self._feed.changes(after=ahead)) as ticks:
            async for tick in ticks:
                if not isinstance(tick, Bookmark):
                    continue
                async for change in self._sources.changes(after=start, upto=tick.position):
                    if (seen := wanted.seen_in(change)) is not None:
                        kind, item = seen
                        yield line(kind, form.watched(item))
                start = tick.position
                yield Quiet(position=start)


def _upto(request: Request) -> int | None:
    match moment_of_list(request.query_params):
        case Latest(not_older_than=position) | AtPosition(position=position):
            return position or None
        case AtTime():
            raise BadRequest("events are listed as of now; a lab's history tells of the past")


def _told(place: ContinueFrom | None) -> int:
    """Up to which position Events were told on the pages before."""
    if place is None:
        return 0
    try:
        return resource_version(place.after.name)
    except BadRequest:
        raise BadRequest("continue key is not valid") from None


def _list_metadata(items: Sequence[EventItem], limit: int, position: int) -> ListMetadata:
    rest = len(items) - limit
    if rest <= 0:
        return ListMetadata(resource_version=str(position))
    # What was told last is named by its position, which orders Events.
    last = LabKey("", str(items[limit - 1].position))
    token = write_token(ContinueFrom(after=last, position=position, past=False))
    return ListMetadata(resource_version=str(position), continue_=token, remaining_item_count=rest)
