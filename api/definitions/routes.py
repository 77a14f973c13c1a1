"""The paths of definitions: get, list, and a watch in which nothing ever changes."""

from collections.abc import AsyncIterator, Mapping, Sequence
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
from api.kubernetes.options import WatchOptions, is_true, moment_of_list, watch_options
from api.kubernetes.representations import Representation, requested_representation
from api.services import Services
from api.watching.watch_events import line
from api.watching.watch_opening import watch_response
from api.watching.watch_response import Quiet
from application.projections.watch_feed import Bookmark

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
            options = watch_options(query)
            lines = self._lines(found, options, form)
            return watch_response(lines, form, options, self._limits)
        moment_of_list(query)
        return list_response(form, found, ListMetadata(resource_version=str(self._reached())))

    async def _lines(
        self, found: Sequence[Definition], options: WatchOptions, form: Representation[Definition]
    ) -> AsyncIterator[bytes | Quiet]:
        for each in found if options.lists_first else ():
            yield line("ADDED", form.watched(each))
        if options.initial:
            yield line("BOOKMARK", form.bookmark(self._reached(), initial_events_end=True))
        after = max(options.since, self._feed.published.position)
        async with aclosing(self._feed.changes(after=after)) as ticks:
            async for tick in ticks:
                if isinstance(tick, Bookmark):
                    yield Quiet(position=max(1, tick.position))

    def _reached(self) -> int:
        """As far as the log is known, so that a watch begins there; 0 would mean anywhere."""
        return max(1, self._feed.published.position)


def _is_asked_for(query: QueryParams) -> bool:
    fields = parse_requirements(query.get("fieldSelector") or "", ("metadata.name",))
    labels = parse_label_selector(query.get("labelSelector") or "")
    return all((each.value == NAME) is not each.negated for each in fields) and all(
        each.holds({}) for each in labels
    )
