"""Who did what: every recorded event, by actor, verb, time and place."""

from starlette.requests import Request
from starlette.responses import Response

from api.audit.forms import paged
from api.audit.parameters import PAGING, Parameters
from api.audit.sheet import Document, Sheet, exact
from api.services import Services
from application.mediator.audit_questions import AuditAnswer, GetActs
from application.ports.audit_records import Act, ActFilter, Reading

_WANTED = (
    "actor",
    "onBehalfOf",
    "verb",
    "type",
    "resource",
    "namespace",
    "name",
    "uid",
    "since",
    "until",
)


class ActRoutes:
    """The route of acts."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator

    async def list(self, request: Request) -> Response:
        """Acts that match, the newest first."""
        asked = Parameters(request.query_params, (*_WANTED, *PAGING))
        wanted = ActFilter(
            actor=asked.text("actor"),
            on_behalf_of=asked.text("onBehalfOf"),
            verbs=asked.several("verb"),
            types=asked.several("type"),
            resource=asked.text("resource"),
            namespace=asked.text("namespace"),
            name=asked.text("name"),
            uid=asked.text("uid"),
            since=asked.time("since"),
            until=asked.time("until"),
        )

        async def fetch(reading: Reading) -> AuditAnswer[Act]:
            return await self._mediator.ask(GetActs(wanted=wanted, reading=reading))

        return await paged(request, _SHEET, asked, fetch)


def _document(act: Act) -> Document:
    return {
        "metadata": {"name": str(act.position)},
        "position": str(act.position),
        "time": exact(act.at),
        "actor": act.actor,
        **({"onBehalfOf": act.on_behalf_of} if act.on_behalf_of else {}),
        **({"verb": act.verb} if act.verb else {}),
        "type": act.type,
        "resource": act.resource,
        **({"namespace": act.namespace} if act.namespace else {}),
        "name": act.name,
        **({"uid": act.uid} if act.uid else {}),
        "id": act.id,
        "hash": act.hash,
    }


def _event(act: Act, log: str) -> Document:
    """The act as CloudEvents 1.0 has events. Extensions have names of small letters, and numbers
    there end at 2^31: a position is text."""
    inside = f"namespaces/{act.namespace}/" if act.namespace else ""
    return {
        "specversion": "1.0",
        "id": act.id,
        "source": f"urn:uuid:{log}",
        "type": act.type,
        "subject": f"{inside}{act.resource}/{act.name}",
        "time": exact(act.at),
        "position": str(act.position),
        "hash": act.hash,
        "actor": act.actor,
        **({"onbehalfof": act.on_behalf_of} if act.on_behalf_of else {}),
    }


_SHEET = Sheet(
    kind="Act",
    resource="acts",
    columns=(
        "position",
        "time",
        "actor",
        "onBehalfOf",
        "verb",
        "type",
        "resource",
        "namespace",
        "name",
        "uid",
        "id",
        "hash",
    ),
    document=_document,
    place=lambda act: act.position,
    event=_event,
)
