"""What happened to a lab, and what it wrote: `history` and `log`."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.http.encoding import encode
from api.http.refusals import BadRequest
from api.http.responses import json_response
from api.http.routing import key_in
from api.kubernetes.continue_token import ContinueFrom, read_token, write_token
from api.kubernetes.lab_kind import API_VERSION
from api.kubernetes.options import number, refuse_others
from api.labs.difference import Difference, differences
from api.labs.rendering import document_of
from api.services import Services
from application.mediator.questions import GetHistory, GetLogs, HistoryEntry
from application.ports.views import LabInstanceView
from domain.lab_instance.end_facts import Deleted

_DEFAULT_LIMIT = 500
_MOST_ENTRIES = 1000
_LARGEST_PAGE = 4 * 1024 * 1024
_PARAMETERS = ("limit", "continue", "pretty")
_DEFAULT_TAIL = 1000
_MOST_LINES = 100_000


class HistoryEntryDocument(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """One recorded event: who, why, when, where in the order, and what it changed."""

    position: str
    version: int
    type: str
    uid: str | None = None
    actor: str
    user_agent: str
    command_id: str
    correlation_id: str
    causation_id: str
    traceparent: str
    time: str
    recorded_at: str
    reason: str | None = None
    message: str | None = None
    proof: str | None = None
    left_behind: Sequence[str] | None = None
    hash: str | None = None
    difference: Sequence[Difference]


class HistoryMetadata(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Which lab, and where the rest begins."""

    name: str
    namespace: str
    continue_: str | None = msgspec.field(name="continue", default=None)


class HistoryDocument(
    msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="LabInstanceHistory"
):
    """Everything recorded under one name, through all incarnations, oldest first."""

    api_version: str = msgspec.field(name="apiVersion")
    metadata: HistoryMetadata
    items: Sequence[msgspec.Raw]


class LabHistory:
    """The routes of history and log."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator

    async def history(self, request: Request) -> Response:
        """One page of the lab's history, of so many entries or some megabytes."""
        key = key_in(request)
        refuse_others(request.query_params, _PARAMETERS, "a history takes")
        asked = number(request.query_params, "limit", absent=0) or _DEFAULT_LIMIT
        limit = min(asked, _MOST_ENTRIES)
        after = self._after(request)
        question = GetHistory(key=key, after_version=after, limit=limit + 1)
        entries = await self._mediator.ask(question)
        items: list[msgspec.Raw] = []
        size = 0
        for entry in entries[:limit]:
            items.append(msgspec.Raw(encode(_rendered(entry))))
            size += len(items[-1])
            if size > _LARGEST_PAGE:
                break
            await asyncio.sleep(0)  # a difference of large labs takes its time
        rest: str | None = None
        if len(entries) > len(items):
            version = entries[len(items) - 1].recorded.version
            rest = write_token(ContinueFrom(after=key, position=version, past=True))
        metadata = HistoryMetadata(name=key.name, namespace=key.namespace, continue_=rest)
        return json_response(
            HistoryDocument(api_version=API_VERSION, metadata=metadata, items=items)
        )

    async def log(self, request: Request) -> Response:
        """The last lines of the lab's output, as they are."""
        asked = number(request.query_params, "tailLines", absent=_DEFAULT_TAIL)
        tail = min(asked, _MOST_LINES)
        text = await self._mediator.ask(GetLogs(key=key_in(request), tail=tail))
        return PlainTextResponse(text.encode("utf-8", errors="replace"))

    def _after(self, request: Request) -> int:
        token = request.query_params.get("continue")
        if not token:
            return 0
        place = read_token(token)
        if place.after != key_in(request):
            raise BadRequest("continue key is not valid")
        return place.position


def _rendered(entry: HistoryEntry) -> HistoryEntryDocument:
    recorded, event = entry.recorded, entry.recorded.event
    about = entry.after or entry.before
    metadata = recorded.metadata
    return HistoryEntryDocument(
        position=str(recorded.position),
        version=recorded.version,
        type=recorded.type,
        uid=about.lab.uid if about else None,
        actor=metadata.get("actor", ""),
        user_agent=metadata.get("userAgent", ""),
        command_id=metadata.get("commandId", ""),
        correlation_id=metadata.get("$correlationId", ""),
        causation_id=metadata.get("$causationId", ""),
        traceparent=metadata.get("traceparent", ""),
        time=_exact(event.at),
        recorded_at=_exact(recorded.recorded_at),
        reason=getattr(event, "reason", None) or None,
        message=getattr(event, "message", None) or None,
        proof=getattr(event, "proof", None) or None,
        left_behind=(event.left_behind or None) if isinstance(event, Deleted) else None,
        hash=metadata.get("hash"),
        difference=differences(_plain(entry.before), _plain(entry.after)),
    )


def _plain(view: LabInstanceView | None) -> object:
    return msgspec.to_builtins(document_of(view)) if view else None


def _exact(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
