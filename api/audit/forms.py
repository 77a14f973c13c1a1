"""The forms in which the audit answers: JSON in pages, lines of JSON, CSV, and CloudEvents."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from enum import Enum
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from api.audit.parameters import Parameters
from api.audit.sheet import Sheet
from api.http.encoding import encode
from api.http.refusals import NotAcceptable
from api.http.responses import JSON, json_response
from api.kubernetes.continue_token import write_place
from api.kubernetes.lab_kind import AUDIT_API_VERSION
from api.kubernetes.list_body import PartedResponse
from api.kubernetes.negotiation import media_type_of
from application.mediator.audit_questions import AuditAnswer
from application.ports.audit_records import Reading

T = TypeVar("T")
Fetch = Callable[[Reading], Awaitable[AuditAnswer[T]]]

_AT_ONCE = 500
_EVERYTHING = 2**62


class AuditForm(Enum):
    """The media type of an answer."""

    JSON = JSON
    LINES = "application/x-ndjson"
    CSV = "text/csv"
    CLOUD_EVENTS = "application/cloudevents-batch+json"


def form_asked_for(request: Request, *, events: bool) -> AuditForm:
    """The first form in the Accept header that is spoken here; JSON where anything will do.
    `events`: whether the items are events. Raises NotAcceptable."""
    offered = [form for form in AuditForm if events or form is not AuditForm.CLOUD_EVENTS]
    by_name = {form.value: form for form in offered}
    for part in (request.headers.get("accept") or "*/*").split(","):
        media_type, _ = media_type_of(part)
        if media_type in ("*/*", "application/*"):
            return AuditForm.JSON
        if media_type in by_name:
            return by_name[media_type]
    raise NotAcceptable([form.value for form in offered])


async def paged(request: Request, sheet: Sheet[T], asked: Parameters, fetch: Fetch[T]) -> Response:
    """The answer in the form asked for. JSON and CloudEvents come in pages of `limit` items; in
    lines everything comes, or as many as `limit` says."""
    form = form_asked_for(request, events=sheet.event is not None)
    if form in (AuditForm.LINES, AuditForm.CSV):
        reading = asked.reading(sheet.resource, unlimited=_EVERYTHING)
        return PartedResponse(_lines(sheet, form, fetch, reading), media_type=form.value)
    reading = asked.reading(sheet.resource)
    answer = await fetch(replace(reading, limit=reading.limit + 1))
    found, rest = answer.found[: reading.limit], None
    if len(answer.found) > reading.limit:
        place = sheet.place(found[-1])
        rest = write_place(place, sheet.resource, newest_first=reading.newest_first)
    if form is AuditForm.CLOUD_EVENTS and sheet.event is not None:
        events = [sheet.event(item, answer.log) for item in found]
        headers = {"Content-Type": form.value, **({"X-Continue": rest} if rest else {})}
        return json_response(events, headers=headers)
    return json_response(_list(sheet, answer, found, rest))


def whole(request: Request, sheet: Sheet[T], answer: AuditAnswer[T]) -> Response:
    """An answer without pages in the form asked for."""
    form = form_asked_for(request, events=False)
    if form is AuditForm.JSON:
        return json_response(_list(sheet, answer, answer.found, None))
    part = _head(sheet, form) + _rows(sheet, form, answer.found)
    return Response(part, media_type=form.value)


def _list(sheet: Sheet[T], answer: AuditAnswer[T], found: Sequence[T], rest: str | None) -> object:
    metadata = {"resourceVersion": str(answer.position), **({"continue": rest} if rest else {})}
    return {
        "kind": f"{sheet.kind}List",
        "apiVersion": AUDIT_API_VERSION,
        "metadata": metadata,
        "items": [sheet.document(item) for item in found],
    }


async def _lines(
    sheet: Sheet[T], form: AuditForm, fetch: Fetch[T], reading: Reading
) -> AsyncIterator[bytes]:
    part, left = _head(sheet, form), reading.limit
    while True:
        answer = await fetch(replace(reading, limit=min(left, _AT_ONCE)))
        yield part + _rows(sheet, form, answer.found)
        left -= len(answer.found)
        if len(answer.found) < _AT_ONCE or not left:
            return
        part, last = b"", sheet.place(answer.found[-1])
        newest_first = reading.newest_first
        reading = replace(reading, before=last) if newest_first else replace(reading, after=last)


def _head(sheet: Sheet[T], form: AuditForm) -> bytes:
    return _csv([sheet.columns]) if form is AuditForm.CSV else b""


def _rows(sheet: Sheet[T], form: AuditForm, items: Sequence[T]) -> bytes:
    if form is AuditForm.CSV:
        return _csv([sheet.cells(item) for item in items])
    return b"".join(encode(sheet.document(item)) + b"\n" for item in items)


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    """RFC 4180."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
