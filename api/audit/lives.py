"""All labs that ever were, by name, student and time."""

from starlette.requests import Request
from starlette.responses import Response

from api.audit.forms import paged
from api.audit.parameters import PAGING, Parameters
from api.audit.sheet import Document, Sheet, exact
from api.services import Services
from application.mediator.audit_questions import AuditAnswer, GetLives
from application.ports.audit_records import Life, LifeFilter, Reading

_WANTED = ("namespace", "name", "uid", "student", "template", "alive", "since", "until")


class LifeRoutes:
    """The route of labs that ever were."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator

    async def list(self, request: Request) -> Response:
        """Labs that match, the newest first."""
        asked = Parameters(request.query_params, (*_WANTED, *PAGING))
        wanted = LifeFilter(
            namespace=asked.text("namespace"),
            name=asked.text("name"),
            uid=asked.text("uid"),
            student=asked.text("student"),
            template=asked.text("template"),
            alive=asked.truth("alive"),
            since=asked.time("since"),
            until=asked.time("until"),
        )

        async def fetch(reading: Reading) -> AuditAnswer[Life]:
            return await self._mediator.ask(GetLives(wanted=wanted, reading=reading))

        return await paged(request, _SHEET, asked, fetch)


def _document(life: Life) -> Document:
    counted = life.attribution
    return {
        "metadata": {
            "name": life.name,
            "namespace": life.namespace,
            "uid": life.uid,
            "creationTimestamp": exact(life.created_at),
            "labels": counted.labels,
        },
        "namespace": life.namespace,
        "name": life.name,
        "uid": life.uid,
        "template": counted.template,
        "studentEmail": counted.student,
        "labels": counted.labels,
        "creator": life.creator,
        "created": exact(life.created_at),
        **({"deleted": exact(life.gone_at)} if life.gone_at else {}),
        "position": str(life.created_position),
    }


_SHEET = Sheet(
    kind="Lab",
    resource="labs",
    columns=(
        "namespace",
        "name",
        "uid",
        "template",
        "studentEmail",
        "labels",
        "creator",
        "created",
        "deleted",
        "position",
    ),
    document=_document,
    place=lambda life: life.created_position,
)
