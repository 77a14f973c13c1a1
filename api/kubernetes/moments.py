"""Which moment a read is about: the present, a version of the past, or a time."""

from datetime import UTC, datetime

from starlette.datastructures import QueryParams

from api.http.refusals import BadRequest, InvalidOptions
from api.kubernetes.continue_token import place_in
from api.kubernetes.options import (
    EXACT,
    contradiction,
    forbidden,
    header_safe,
    resource_version,
)
from application.mediator.questions import NOW, AtPosition, AtTime, Latest, Moment
from application.ports.clock import Clock

_EXAMPLE = "2026-01-31T12:00:00Z"
_LONGEST = 40


class Standing:
    """A clock that shows one moment. Implements Clock."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


def moment_of_get(query: QueryParams) -> Moment:
    """Which moment a GET of one object is about. Raises BadRequest, InvalidOptions."""
    return moment_of_list(query, kind="GetOptions")


def moment_of_list(query: QueryParams, kind: str = "ListOptions") -> Moment:
    """Which moment a list is about. Raises BadRequest, InvalidOptions."""
    version, match = query.get("resourceVersion") or "", query.get("resourceVersionMatch") or ""
    as_of = time_asked(query)
    fault = contradiction(version, match)
    if query.get("sendInitialEvents") is not None:
        fault = forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")
    if as_of is not None and (version or match):
        fault = forbidden("asOf", "asOf is forbidden together with resourceVersion")
    if fault is not None:
        raise InvalidOptions(kind, [fault])
    if as_of is not None:
        return AtTime(time=as_of)
    if not version:
        return NOW
    position = resource_version(version)
    return AtPosition(position=position) if match == EXACT else Latest(not_older_than=position)


def time_asked(query: QueryParams) -> datetime | None:
    """The time of `asOf`. Raises BadRequest, also for a name that was meant to be `asOf`: others
    that are unknown are ignored, as Kubernetes does, but this one would answer the present."""
    for name in query:
        if name != "asOf" and name.replace("_", "").replace("-", "").lower() == "asof":
            raise BadRequest(
                f'unknown parameter "{header_safe(name)}": the moment of a list is named by asOf'
            )
    text = query.get("asOf")
    return time_in(text, "asOf") if text else None


def moment_named(query: QueryParams, name: str) -> AtPosition | AtTime | None:
    """The moment that a parameter names by a time with its zone, or by a position; None where it
    is not said. Raises BadRequest."""
    text = query.get(name)
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return AtPosition(position=resource_version(text))
    return AtTime(time=time_in(text, name))


def may_be_past(query: QueryParams) -> bool:
    """Whether the answer may have to be made from the log, and take its time."""
    return any(query.get(name) for name in ("asOf", "resourceVersionMatch", "continue"))


def clock_at(query: QueryParams, clock: Clock) -> Clock:
    """The clock that ages are counted by: it stands at the time that was asked for, if that is
    over. Raises BadRequest."""
    return standing(clock, time_asked(query))


def standing(clock: Clock, moment: datetime | None) -> Clock:
    """The clock, or one that stands at the moment if there is one, and it is over."""
    return clock if moment is None or moment > clock.now() else Standing(moment)


def exact_position(query: QueryParams) -> int | None:
    """The position of the past that a read is exactly about, by its own options or those of the
    list that it goes on with. Raises BadRequest."""
    if query.get("resourceVersionMatch") == EXACT and query.get("resourceVersion"):
        return resource_version(query["resourceVersion"])
    place = place_in(query)
    return place.position if place and place.past else None


def time_in(text: str, name: str) -> datetime:
    """A time with its zone, as UTC. Raises BadRequest, naming the parameter."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    hint = "; in an address a + is written %2B" if " " in text.strip() else ""
    said = header_safe(text[:_LONGEST])
    raise BadRequest(
        f'invalid {name}: "{said}" is not a time with its zone, such as {_EXAMPLE}{hint}'
    )
