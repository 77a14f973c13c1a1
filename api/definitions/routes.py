"""The paths of definitions: get, list, and a watch in which nothing ever changes."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from api.definitions.lab_definition import NAME, lab_definition
from api.definitions.presenter import DefinitionPresenter
from api.http.refusals import ObjectNotFound
from api.http.responses import json_response
from api.http.routing import Methods
from api.kubernetes.field_selector import parse_requirements
from api.kubernetes.kinds import DEFINITIONS
from api.kubernetes.label_selector import parse_label_selector
from api.kubernetes.list_body import list_response
from api.kubernetes.list_metadata import ListMetadata
from api.kubernetes.moments import moment_of_list
from api.kubernetes.options import is_true, watch_options
from api.kubernetes.representations import requested_representation
from api.services import Services
from api.watching.watch import Seen, begin_watch, one_by_one
from application.mediator.questions import Latest
from application.projections.watch_feed import Bookmark, WatchFeed

Definition = Mapping[str, Any]


def definition_paths(services: Services) -> Mapping[str, Methods]:
    """All paths of definitions."""
    reads = DefinitionReads(services)
    collection = f"{DEFINITIONS.base}/{DEFINITIONS.plural}"
    return {
        collection: {"GET": reads.list_or_watch},
        f"{collection}/{{name}}": {"GET": reads.get},
    }


class DefinitionReads:
    """The reading routes of the one definition."""

    def __init__(self, services: Services) -> None:
        self._feed = services.watch_feed
        self._clock = services.clock
        self._limits = services.limits
        self._presenter = DefinitionPresenter()
        self._definition: Definition = lab_definition(services.clock.now())

    async def get(self, request: Request) -> Response:
        """The definition."""
        form = requested_representation(request, self._presenter, self._clock)
        name = request.path_params["name"]
        if name != NAME:
            raise ObjectNotFound(group=DEFINITIONS.group, plural=DEFINITIONS.plural, name=name)
        return json_response(form.one(self._definition))

    async def list_or_watch(self, request: Request) -> Response:
        """The definition, if it is one of those asked for; or nothing, for as long as asked."""
        query = request.query_params
        form = requested_representation(request, self._presenter, self._clock)
        found = [self._definition] if _is_asked_for(query) else []
        if is_true(query, "watch"):
            watched = _Watched(self._feed, found)
            return await begin_watch(watched, watch_options(query), form, self._limits)
        moment_of_list(query)
        version = str(_reached(self._feed))
        return list_response(form, found, ListMetadata(resource_version=version))


class _Watched:
    """The definition, if it is selected; nothing ever happens to it. See Watched."""

    def __init__(self, feed: WatchFeed, found: Sequence[Definition]) -> None:
        self._feed = feed
        self._found = found

    @property
    def published(self) -> int:
        return _reached(self._feed)

    async def first(self, _latest: Latest) -> tuple[int, AsyncIterator[Definition]]:
        return self.published, one_by_one(self._found)

    async def follow(self, after: int) -> AsyncGenerator[Seen[Definition] | Bookmark, None]:
        from_empty = after == 1  # as `_reached` names the start of a log without events
        after = max(0 if from_empty else after, self._feed.published.position)
        async with aclosing(self._feed.changes(after=after)) as ticks:
            async for tick in ticks:
                if isinstance(tick, Bookmark):
                    yield Bookmark(position=max(1, tick.position))


def _reached(feed: WatchFeed) -> int:
    """As far as the log is known, so that a watch begins there; 0 would mean anywhere."""
    return max(1, feed.published.position)


def _is_asked_for(query: QueryParams) -> bool:
    fields = parse_requirements(query.get("fieldSelector") or "", ("metadata.name",))
    labels = parse_label_selector(query.get("labelSelector") or "")
    return all((each.value == NAME) is not each.negated for each in fields) and all(
        each.holds({}) for each in labels
    )
