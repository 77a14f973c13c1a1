"""Query parameters, by Kubernetes' rules: unknown ones are ignored, Go's idea of booleans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from starlette.datastructures import QueryParams
from starlette.requests import Request

from api.http.refusals import BadRequest, InvalidOptions
from domain.errors import FaultReason, FieldFault

_LARGEST = 2**63 - 1
EXACT = "Exact"
_NOT_OLDER = "NotOlderThan"


class FieldValidation(Enum):
    """What happens to fields that nobody knows."""

    STRICT = "Strict"
    WARN = "Warn"
    IGNORE = "Ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOptions:
    """The options of POST, PUT and PATCH."""

    dry_run: bool
    field_validation: FieldValidation


def write_options(request: Request, kind: str) -> WriteOptions:
    """Raises InvalidOptions, naming the kind of options (`CreateOptions`)."""
    if not request.scope["query_string"]:
        return _UNSAID
    query = request.query_params
    faults: list[FieldFault] = []
    dry_run = query.getlist("dryRun")
    if any(value != "All" for value in dry_run):
        faults.append(_unsupported("dryRun", '"All"'))
    validation = query.get("fieldValidation") or FieldValidation.WARN.value
    if validation not in {each.value for each in FieldValidation}:
        faults.append(_unsupported("fieldValidation", '"Ignore", "Warn", "Strict"'))
    if faults:
        raise InvalidOptions(kind, faults)
    return WriteOptions(dry_run=bool(dry_run), field_validation=FieldValidation(validation))


_UNSAID = WriteOptions(dry_run=False, field_validation=FieldValidation.WARN)


def is_true(query: QueryParams, name: str) -> bool:
    """Go's rule: everything is true but absent, `0` and `false`."""
    value = query.get(name)
    return value is not None and value.lower() not in ("0", "false")


def number(query: QueryParams, name: str, *, absent: int) -> int:
    """A number from 0 on. Raises BadRequest."""
    text = query.get(name)
    if not text:
        return absent
    return _number(text, name)


def resource_version(text: str) -> int:
    """A resource version. Raises BadRequest."""
    return _number(text, "resource version")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """How a watch begins and ends. `since`: 0 when no version was named; `exactly`: 0 means
    before everything then.

    `initial`: None when nothing was said about initial events.
    """

    since: int
    exactly: bool
    initial: bool | None
    bookmarks: bool
    timeout: int | None

    @property
    def lists_first(self) -> bool:
        """Whether the watch begins with everything that is there."""
        return not (self.since or self.exactly) if self.initial is None else self.initial

    @property
    def starts_now(self) -> bool:
        """Whether a watch lists nothing first and sends only what comes."""
        return not (self.since or self.exactly)


def watch_options(query: QueryParams) -> WatchOptions:
    """Raises BadRequest, InvalidOptions."""
    match = query.get("resourceVersionMatch") or ""
    initial = query.get("sendInitialEvents")
    exactly = match == EXACT and bool(query.get("resourceVersion"))
    fault: FieldFault | None = None
    if query.get("asOf"):
        fault = forbidden("asOf", "asOf is forbidden for watch, which tells what comes")
    elif initial is not None and match != _NOT_OLDER:
        message = f"sendInitialEvents requires setting resourceVersionMatch to {_NOT_OLDER}"
        fault = forbidden("resourceVersionMatch", message)
    elif initial is None and match and not exactly:
        message = (
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        )
        fault = forbidden("resourceVersionMatch", message)
    if fault is not None:
        raise InvalidOptions("ListOptions", [fault])
    timeout = number(query, "timeoutSeconds", absent=0)
    return WatchOptions(
        since=resource_version(query.get("resourceVersion") or "0"),
        exactly=exactly,
        initial=None if initial is None else is_true(query, "sendInitialEvents"),
        bookmarks=is_true(query, "allowWatchBookmarks"),
        timeout=timeout or None,
    )


def refuse_others(query: QueryParams, known: Sequence[str], says: str) -> None:
    """For a document that is ours alone: nothing that is asked is left out in silence. `says`
    begins the list of what is known. Raises BadRequest."""
    for name in query:
        if name not in known:
            allowed = ", ".join(known)
            raise BadRequest(f'unknown parameter "{header_safe(name)}": {says} {allowed}')


def header_warnings(warnings: Sequence[str]) -> Mapping[str, str]:
    """The header that warns, in texts that are safe in a header; at most twenty times."""
    if not warnings:
        return {}
    escaped = [each.replace('"', '\\"') for each in warnings[:20]]
    return {"Warning": ", ".join(f'299 - "{each}"' for each in escaped)}


def header_safe(text: str) -> str:
    """The beginning of a text that clients chose, as it may stand in a header."""
    return text[:128].encode("unicode_escape").decode("ascii").replace('"', "'")


def contradiction(version: str, match: str) -> FieldFault | None:
    """What is wrong with how a version of a list is to be met."""
    field = "resourceVersionMatch"
    if not match:
        return None
    if match not in (EXACT, _NOT_OLDER):
        return _unsupported(field, f'"{EXACT}", "{_NOT_OLDER}"')
    if not version:
        message = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        return forbidden(field, message)
    if match == EXACT and version == "0":
        message = 'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"'
        return forbidden(field, message)
    return None


def forbidden(field: str, message: str) -> FieldFault:
    """An option that must not be said here."""
    return FieldFault(field=field, reason=FaultReason.FORBIDDEN, message=message)


def _number(text: str, what: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LARGEST:
        return int(text)
    raise BadRequest(f'invalid {what}: "{header_safe(text)}" is not a number from 0 to 2^63-1')


def _unsupported(field: str, values: str) -> FieldFault:
    message = f"supported values: {values}"
    return FieldFault(field=field, reason=FaultReason.NOT_SUPPORTED, message=message)
