"""How many labs were in each state over time: what a plot needs, and the journal it comes from."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from api.audit.forms import whole
from api.audit.parameters import Parameters
from api.audit.sheet import Document, Sheet
from api.http.refusals import BadRequest
from api.http.responses import json_response
from api.kubernetes.lab_kind import AUDIT_API_VERSION
from api.kubernetes.timestamp import timestamp
from api.services import Services
from application.mediator.audit_questions import GetCounts, GetJournal
from application.ports.audit_records import Counts, Transition
from domain.lab_instance.status import LabState

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_SHORTEST = timedelta(seconds=1)
_MOST_POINTS = 2000
_SHOWN = tuple(state for state in LabState if state is not LabState.DELETED)
_MOST_TRANSITIONS = 30_000


class CountRoutes:
    """The routes of counts and of the journal."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._clock = services.clock

    async def counts(self, request: Request) -> Response:
        """The counts at each step from `since` to `until`: hourly for the last day unless told
        otherwise."""
        asked = Parameters(request.query_params, ("since", "until", "step"))
        until = asked.time("until") or self._clock.now()
        since = asked.time("since") or until - _DAY
        step = asked.duration("step", absent=_HOUR)
        if until < since:
            raise BadRequest("invalid until: it is before since")
        if step < _SHORTEST or step % _SHORTEST:
            raise BadRequest("invalid step: it is in whole seconds, one at least")
        first = since - (since - _EPOCH) % step
        number = (until - first) // step + 1
        if number > _MOST_POINTS:
            raise BadRequest(
                f"{number} counts are too many: at most {_MOST_POINTS} at once, with a longer "
                "step or a shorter time"
            )
        answer = await self._mediator.ask(GetCounts(since=first, step=step, number=number))
        return whole(request, _SHEET, answer)

    async def journal(self, request: Request) -> Response:
        """The transitions after the position `from` up to `to`, in columns: each number but the
        first is the difference to the one before."""
        asked = Parameters(request.query_params, ("from", "to", "limit"))
        after, upto = asked.number("from", absent=0), asked.number("to", absent=0) or None
        most = min(asked.number("limit", absent=0) or _MOST_TRANSITIONS, _MOST_TRANSITIONS)
        question = GetJournal(after=after, upto=upto, limit=most + 1)
        answer = await self._mediator.ask(question)
        found = answer.found[:most]
        reached = answer.position if upto is None else min(upto, answer.position)
        rest = len(answer.found) > most
        return json_response(
            {
                "kind": "Journal",
                "apiVersion": AUDIT_API_VERSION,
                "metadata": {"resourceVersion": str(answer.position)},
                "from": str(after),
                "to": str(found[-1].position if rest else reached),
                "complete": not rest,
                **_columns(found),
            }
        )


def _columns(found: Sequence[Transition]) -> Document:
    labs: dict[str, int] = {}
    for one in found:
        labs.setdefault(one.uid, len(labs))
    named = {one.uid: f"{one.namespace}/{one.name}" for one in found}
    milliseconds = timedelta(milliseconds=1)
    return {
        "states": [state.value for state in LabState],
        "labs": [{"uid": uid, "lab": named[uid]} for uid in labs],
        "positions": _differences([one.position for one in found]),
        "milliseconds": _differences([(one.at - _EPOCH) // milliseconds for one in found]),
        "lab": [labs[one.uid] for one in found],
        "state": [_PLACES[one.state] for one in found],
    }


_PLACES = {state: place for place, state in enumerate(LabState)}


def _differences(numbers: Sequence[int]) -> Sequence[int]:
    return [number - before for before, number in zip([0, *numbers], numbers, strict=False)]


def _document(counts: Counts) -> Document:
    states = {state.value: counts.states.get(state, 0) for state in _SHOWN}
    return {"time": timestamp(counts.at), **states}


_SHEET = Sheet(
    kind="Count",
    resource="counts",
    columns=("time", *(state.value for state in _SHOWN)),
    document=_document,
    place=lambda _: 0,
)
