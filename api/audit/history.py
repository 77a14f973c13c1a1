"""What happened to one lab, and why it is as it is: `history` and `why`."""

import asyncio
from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.audit.history_documents import (
    HistoryDocument,
    HistoryMetadata,
    UndecodableDocument,
    WhyDocument,
)
from api.audit.history_rendering import HistoryRendering, because
from api.audit.parameters import Parameters
from api.audit.sheet import exact
from api.http.encoding import encode
from api.http.responses import json_response
from api.http.routing import key_in
from api.kubernetes.continue_token import read_place, write_place
from api.kubernetes.lab_kind import API_VERSION
from api.kubernetes.moments import moment_of_get
from api.services import Services
from application.mediator.history_questions import (
    GetHistory,
    GetReasons,
    HistoryFilter,
    HistoryPage,
)
from application.ports.event_store import UndecodableEvent
from domain.lab_instance.key import LabKey

_HISTORY = ("actor", "type", "uid", "since", "until", "order", "limit", "continue")
_WHY = ("asOf", "resourceVersion", "resourceVersionMatch")
_USUAL = 250
_MOST_ENTRIES = 1000
_LARGEST_PAGE = 4 * 1024 * 1024


class LabPast:
    """The routes of history and why."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator

    async def history(self, request: Request) -> Response:
        """One page of the lab's history, of so many entries or some megabytes."""
        key, asked = key_in(request), Parameters(request.query_params, _HISTORY)
        newest_first = asked.one_of("order", ("oldest", "newest"), absent="oldest") == "newest"
        list_of = f"{key}/history"
        token = asked.text("continue")
        question = GetHistory(
            key=key,
            wanted=HistoryFilter(
                actor=asked.text("actor"),
                types=asked.several("type"),
                uid=asked.text("uid"),
                since=asked.time("since"),
                until=asked.time("until"),
            ),
            newest_first=newest_first,
            beside=read_place(token, list_of, newest_first=newest_first) if token else 0,
            limit=min(asked.number("limit", absent=0) or _USUAL, _MOST_ENTRIES),
        )
        page = await self._mediator.ask(question)
        items, rest = await _encoded(page)
        continue_ = write_place(rest, list_of, newest_first=newest_first) if rest else None
        return json_response(
            HistoryDocument(
                api_version=API_VERSION,
                metadata=_metadata(key, continue_),
                items=items,
                undecodable=None if rest else _named(page.undecodable),
            )
        )

    async def why(self, request: Request) -> Response:
        """The chain of causes behind the lab's state, now or at a moment of the past."""
        key = key_in(request)
        Parameters(request.query_params, _WHY)
        moment = moment_of_get(request.query_params)
        reasons = await self._mediator.ask(GetReasons(key=key, moment=moment))
        lab, last = reasons.view.lab, reasons.chain[0]
        rendering = HistoryRendering()
        return json_response(
            WhyDocument(
                api_version=API_VERSION,
                metadata=_metadata(key, None),
                state=lab.state.value,
                reason=lab.reason,
                message=lab.message,
                since=exact(last.recorded.event.at),
                sentences=[because(one) for one in reasons.chain],
                because=[rendering.entry(one) for one in reasons.chain],
                more=reasons.more,
            )
        )


async def _encoded(page: HistoryPage) -> tuple[Sequence[msgspec.Raw], int | None]:
    """The entries as JSON, and where the rest begins: sooner than asked for when they are
    large."""
    items: list[msgspec.Raw] = []
    size, rendering = 0, HistoryRendering()
    for one in page.happenings:
        items.append(msgspec.Raw(encode(rendering.entry(one))))
        size += len(items[-1])
        if size > _LARGEST_PAGE and len(items) < len(page.happenings):
            return items, one.recorded.version
        await asyncio.sleep(0)  # a difference of large labs takes its time
    return items, page.rest


def _metadata(key: LabKey, continue_: str | None) -> HistoryMetadata:
    return HistoryMetadata(name=key.name, namespace=key.namespace, continue_=continue_)


def _named(undecodable: UndecodableEvent | None) -> UndecodableDocument | None:
    if undecodable is None:
        return None
    return UndecodableDocument(
        position=str(undecodable.position), type=undecodable.type, error=str(undecodable)
    )
