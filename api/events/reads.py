"""GET of one Event, of lists of Events, and watches of what comes."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.events.filter import wanted_events
from api.events.item import EventItem
from api.events.presenter import EventPresenter
from api.events.source import EventSources
from api.events.watch import WatchedEvents
from api.http.refusals import BadRequest, ObjectNotFound
from api.http.responses import json_response
from api.kubernetes.continue_token import ContinueFrom, read_token, write_token
from api.kubernetes.list_body import list_response
from api.kubernetes.list_metadata import ListMetadata
from api.kubernetes.moments import moment_of_list
from api.kubernetes.options import (
    is_true,
    number,
    resource_version,
    watch_options,
)
from api.kubernetes.representations import requested_representation
from api.services import Services
from api.watching.watch import begin_watch
from application.mediator.questions import AtPosition, AtTime, Latest
from domain.lab_instance.key import LabKey


class EventReads:
    """The reading routes of Events, in one group."""

    def __init__(
        self, services: Services, sources: EventSources, presenter: EventPresenter
    ) -> None:
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
            watched = WatchedEvents(self._feed, self._sources, wanted)
            return await begin_watch(watched, watch_options(query), form, self._limits)
        place = read_token(query["continue"]) if query.get("continue") else None
        upto = place.position if place else _upto(request)
        page = await self._sources.find(wanted, after=_sent_up_to(place), upto=upto)
        limit = number(query, "limit", absent=0) or len(page.items)
        metadata = _list_metadata(page.items, limit, page.position)
        return list_response(form, page.items[:limit], metadata)


def _upto(request: Request) -> int | None:
    match moment_of_list(request.query_params):
        case Latest(not_older_than=position) | AtPosition(position=position):
            return position or None
        case AtTime():
            raise BadRequest("events are listed as of now; a lab's history answers for the past")


def _sent_up_to(place: ContinueFrom | None) -> int:
    """The position that the pages before have reached."""
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
    # What was sent last is named by its position, which orders Events.
    last = LabKey("", str(items[limit - 1].position))
    token = write_token(ContinueFrom(after=last, position=position, past=False))
    return ListMetadata(resource_version=str(position), continue_=token, remaining_item_count=rest)
