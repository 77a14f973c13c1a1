"""What was different between two moments: `differences` of the audit's group."""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.audit.difference import Operation, differences
from api.http.leaving import unless_gone
from api.http.refusals import BadRequest
from api.http.responses import json_response
from api.kubernetes.continue_token import ContinueFrom, read_token, write_token
from api.kubernetes.moments import moment_named
from api.kubernetes.options import number, refuse_others
from api.labs.reads import wanted_labs
from api.labs.rendering import document_of
from api.services import Services
from application.mediator.past_questions import DifferencePage, GetDifferences, LabDifference
from application.mediator.questions import AtPosition
from application.ports.views import LabInstanceView

AUDIT_VERSION = "audit.lab.neuroglia.com/v1"
_DEFAULT_LIMIT = 500
_PARAMETERS = (
    *("from", "to", "namespace", "labelSelector", "fieldSelector"),
    *("limit", "continue", "pretty"),
)


class LabDifferenceDocument(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One incarnation: `created`, `changed` or `gone`; its state then; and what changed in its
    document, as a JSON patch."""

    namespace: str
    name: str
    uid: str
    change: str
    state: str
    fields: Sequence[Operation] = ()


class DifferencesMetadata(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Both moments as positions, and where the rest begins."""

    earlier: str = msgspec.field(name="from")
    later: str = msgspec.field(name="to")
    continue_: str | None = msgspec.field(name="continue", default=None)


class DifferencesDocument(
    msgspec.Struct, kw_only=True, tag_field="kind", tag="LabInstanceDifferenceList"
):
    """Labs that were not the same at both moments, by namespace and name."""

    api_version: str = msgspec.field(name="apiVersion")
    metadata: DifferencesMetadata
    items: Sequence[LabDifferenceDocument]


class LabDifferences:
    """The route of differences."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._most = services.limits.list_limit

    async def differences(self, request: Request) -> Response:
        """One page. It goes on between the positions of the first, whatever is recorded since."""
        question = self._question(request)
        page = await unless_gone(request.receive, self._mediator.ask(question))
        rest: str | None = None
        if page.more:
            after = page.differences[-1].key
            rest = f"{page.earlier}.{page.later}." + write_token(
                ContinueFrom(after=after, position=page.later, past=True)
            )
        return json_response(_document(page, rest))

    def _question(self, request: Request) -> GetDifferences:
        query = request.query_params
        refuse_others(query, _PARAMETERS, "differences take")
        limit = min(number(query, "limit", absent=_DEFAULT_LIMIT) or _DEFAULT_LIMIT, self._most)
        wanted = wanted_labs(query, query.get("namespace"))
        if token := query.get("continue"):
            earlier, later, place = _read(token)
            return GetDifferences(
                earlier=earlier, later=later, wanted=wanted, after=place.after, limit=limit
            )
        begin, end = moment_named(query, "from"), moment_named(query, "to")
        if begin is None or end is None:
            raise BadRequest("both moments must be named, by from and to: a time or a position")
        return GetDifferences(earlier=begin, later=end, wanted=wanted, after=None, limit=limit)


def _read(token: str) -> tuple[AtPosition, AtPosition, ContinueFrom]:
    earlier, _, rest = token.partition(".")
    later, _, place = rest.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (earlier, later)):
        raise BadRequest("continue key is not valid")
    first, second = AtPosition(position=int(earlier)), AtPosition(position=int(later))
    return first, second, read_token(place)


def _document(page: DifferencePage, rest: str | None) -> DifferencesDocument:
    metadata = DifferencesMetadata(
        earlier=str(page.earlier), later=str(page.later), continue_=rest
    )
    return DifferencesDocument(
        api_version=AUDIT_VERSION,
        metadata=metadata,
        items=[_rendered(one) for one in page.differences],
    )


def _rendered(one: LabDifference) -> LabDifferenceDocument:
    known = one.after or one.before
    assert known is not None, "one of both moments has it"  # noqa: S101
    changed = one.before is not None and one.after is not None
    return LabDifferenceDocument(
        namespace=one.key.namespace,
        name=one.key.name,
        uid=known.lab.uid,
        change="changed" if changed else "created" if one.after else "gone",
        state=known.lab.state.value,
        fields=differences(_plain(one.before), _plain(one.after)) if changed else (),
    )


def _plain(view: LabInstanceView | None) -> Any:
    return msgspec.to_builtins(document_of(view)) if view else None
