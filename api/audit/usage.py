"""Lab-hours: how long labs were ready, by student, course, template, namespace or lab."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from api.audit.forms import whole
from api.audit.parameters import Parameters
from api.audit.sheet import Document, Sheet
from api.http.refusals import BadRequest
from api.services import Services
from application.mediator.audit_questions import GetUsage
from application.ports.audit_records import Usage, UsageBy, UsageQuestion

_COURSE = "course"
_BY: Mapping[str, UsageBy] = {
    "student": UsageBy.STUDENT,
    _COURSE: UsageBy.LABEL,
    "label": UsageBy.LABEL,
    "template": UsageBy.TEMPLATE,
    "namespace": UsageBy.NAMESPACE,
    "lab": UsageBy.LAB,
}
_LONGEST_KEY = 317
_HOUR = timedelta(hours=1)


class UsageRoutes:
    """The route of usage."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._clock = services.clock

    async def list(self, request: Request) -> Response:
        """The sums from `since` to `until`: this month so far unless told otherwise."""
        asked = Parameters(request.query_params, ("by", "label", "since", "until", "namespace"))
        by = asked.one_of("by", tuple(_BY), absent="student")
        now = self._clock.now()
        since = asked.time("since") or _first_of_month(now)
        until = asked.time("until") or now
        if until < since:
            raise BadRequest("invalid until: it is before since")
        question = UsageQuestion(
            by=_BY[by],
            label=_label(asked, by),
            since=since,
            until=until,
            namespace=asked.text("namespace"),
        )
        answer = await self._mediator.ask(GetUsage(question=question))
        return whole(request, _sheet(by), answer)


def _first_of_month(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _label(asked: Parameters, by: str) -> str:
    label = asked.text("label")
    if by not in (_COURSE, "label"):
        if label is not None:
            raise BadRequest("label is for by=label or by=course")
        return ""
    if label is None and by == "label":
        raise BadRequest("by=label needs the label's key: label=KEY")
    label = label or _COURSE
    if len(label) > _LONGEST_KEY or '"' in label or "\\" in label:
        raise BadRequest("invalid label: it is no label's key")
    return label


def _sheet(by: str) -> Sheet[Usage]:
    def document(usage: Usage) -> Document:
        seconds = usage.ready / timedelta(seconds=1)
        return {
            by: usage.of,
            "hours": round(usage.ready / _HOUR, 4),
            "seconds": round(seconds, 3),
            "labs": usage.labs,
        }

    return Sheet(
        kind="Usage",
        resource="usage",
        columns=(by, "hours", "seconds", "labs"),
        document=document,
        place=lambda _: 0,
    )
