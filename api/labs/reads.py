"""GET of one lab and of lists of labs."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from api.http.responses import json_response
from api.http.routing import key_in
from api.kubernetes.continue_token import place_in, write_token
from api.kubernetes.field_selector import parse_field_selector
from api.kubernetes.label_selector import parse_label_selector
from api.kubernetes.list_body import ListBody, PartedResponse
from api.kubernetes.list_metadata import ListMetadata
from api.kubernetes.moments import (
    exact_position,
    may_be_past,
    moment_of_get,
    moment_of_list,
    standing,
    time_asked,
)
from api.kubernetes.negotiation import Form, form_of
from api.kubernetes.options import is_true, number, watch_options
from api.kubernetes.representations import Representation, requested_representation
from api.labs.presenter import LabPresenter
from api.labs.snapshot import LabSegment, Snapshot
from api.labs.watch import WatchedLabs
from api.services import Services
from api.watching.watch import begin_watch
from application.mediator.questions import CountLabInstances, GetLabInstance, GetTime, Latest
from application.ports.clock import Clock
from application.ports.selectors import FieldRequirement, LabField, ViewFilter
from application.ports.views import LabInstanceView

_FIRST_CHUNK = 100
_SMALL_PART = 512 * 1024
_LARGEST_PAGE = 8 * 1024 * 1024


class LabReads:
    """The reading routes of labs."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._mediator = services.mediator
        self._clock = services.clock
        self._presenter = LabPresenter(services.waiting)
        self._of_the_past = LabPresenter(lambda _: "")
        self._limits = services.limits
        self._snapshot = Snapshot(services.mediator, services.watch_feed)

    async def get(self, request: Request) -> Response:
        """One lab, now or at a moment of the past."""
        question = GetLabInstance(key=key_in(request), moment=moment_of_get(request.query_params))
        past = not isinstance(question.moment, Latest)
        form = await self._form(request, past=past)
        return json_response(form.one(await self._mediator.ask(question)))

    async def list_or_watch(self, request: Request) -> Response:
        """The labs of a namespace, or of all, that match; or their changes from now on."""
        query = request.query_params
        time_asked(query)  # a watch has none, but may have one that is mistyped
        wanted = wanted_labs(query, request.path_params.get("namespace"))
        if is_true(query, "watch"):
            form = await self._form(request, past=False)
            watched = WatchedLabs(self._services, self._snapshot, wanted)
            return await begin_watch(watched, watch_options(query), form, self._limits)
        form = await self._form(request, past=_is_past(query))
        parts = self._parts(wanted, query, form)
        return PartedResponse(parts, takes_long=may_be_past(query))

    async def _clock_of(self, request: Request) -> Clock:
        """The clock that ages in a table are counted by."""
        position = exact_position(request.query_params) if request.scope["query_string"] else None
        if position is None or form_of(request) is not Form.TABLE:
            return self._clock
        return standing(self._clock, await self._mediator.ask(GetTime(position=position)))

    async def _form(self, request: Request, *, past: bool) -> Representation[LabInstanceView]:
        presenter = self._of_the_past if past else self._presenter
        return requested_representation(request, presenter, await self._clock_of(request))

    async def _metadata(
        self, wanted: ViewFilter, query: QueryParams, segment: LabSegment, *, sent: int
    ) -> ListMetadata:
        version, rest = str(segment.position), segment.rest
        if rest is None:
            return ListMetadata(resource_version=version)
        remaining: int | None = None
        if place := place_in(query):
            remaining = place.remaining - sent if place.remaining else None
        elif not (rest.past or query.get("labelSelector") or query.get("fieldSelector")):
            remaining = await self._mediator.ask(CountLabInstances(wanted=wanted)) - sent
        if remaining is not None and remaining <= 0:
            remaining = None  # labs came or went between two readings: better silent than wrong
        return ListMetadata(
            resource_version=version,
            continue_=write_token(replace(rest, remaining=remaining)),
            remaining_item_count=remaining,
        )

    async def _parts(
        self, wanted: ViewFilter, query: QueryParams, form: Representation[LabInstanceView]
    ) -> AsyncIterator[bytes]:
        """The list in parts: of small labs many are read at once, of large ones few. A page
        ends early when it is large; a list that was not asked for in pages has no second one."""
        asked = number(query, "limit", absent=0)
        limit = min(asked or self._limits.list_limit, self._limits.list_limit)
        body, chunk = ListBody(form), min(_FIRST_CHUNK, self._limits.chunk)
        segment = await self._first(wanted, query, min(limit, chunk))
        while True:
            part = body.elements(segment.views)
            is_full = body.number >= limit or (asked and body.size >= _LARGEST_PAGE)
            if segment.rest is None or is_full:
                break
            yield part
            await asyncio.sleep(0)  # others get their turn between the chunks of a long list
            if len(part) < _SMALL_PART:
                chunk = min(2 * chunk, self._limits.chunk)
            segment = await self._snapshot.after(
                wanted, segment.rest, min(limit - body.number, chunk)
            )
        yield part + body.end(await self._metadata(wanted, query, segment, sent=body.number))

    async def _first(self, wanted: ViewFilter, query: QueryParams, limit: int) -> LabSegment:
        place = place_in(query)
        if place is None:
            return await self._snapshot.first(wanted, moment_of_list(query), limit)
        return await self._snapshot.after(wanted, place, limit)


def _is_past(query: QueryParams) -> bool:
    if place := place_in(query):
        return place.past
    return not isinstance(moment_of_list(query), Latest)


def wanted_labs(query: QueryParams, namespace: str | None) -> ViewFilter:
    """The labs that the selectors choose, in one namespace or in all. Raises BadRequest."""
    fields = parse_field_selector(query.get("fieldSelector") or "")
    if namespace is not None:
        inside = FieldRequirement(field=LabField.NAMESPACE, value=namespace, negated=False)
        fields = (inside, *fields)
    labels = parse_label_selector(query.get("labelSelector") or "")
    return ViewFilter(labels=labels, fields=fields)
