"""DELETE of a lab, and of many."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid5

from starlette.requests import Request
from starlette.responses import Response

from api.documents import LabInstanceListDocument, ListMetadata
from api.lab_reads import wanted_labs
from api.options import write_options
from api.refusals import BadRequest, InvalidOptions
from api.rendering import document_of
from api.request_body import read_document
from api.responses import json_response
from api.routing import context_of, key_in
from api.services import Services
from api.status import API_VERSION, GROUP, PLURAL, StatusDetails, success
from api.writing import Writing, precondition
from application.queries.questions import Latest, ListLabInstances
from application.views import LabInstanceView
from domain.errors import FaultReason, FieldFault, LabInstanceNotFound
from domain.lab_instance.commands import DeleteLabInstance, Precondition
from domain.lab_instance.key import LabKey

_REASON = "user"


class LabDelete:
    """The deleting routes."""

    def __init__(self, services: Services) -> None:
        self._mediator = services.mediator
        self._writing = Writing(services)

    async def delete(self, request: Request) -> Response:
        """The lab shall go: the lab as it is being removed, since that takes its time."""
        key = key_in(request)
        options = await _delete_options(request)
        view = await self._deleted(request, key, options)
        if view is None:
            details = StatusDetails(name=key.name, group=GROUP, kind=PLURAL)
            return json_response(success(details))
        return json_response(document_of(view))

    async def delete_collection(self, request: Request) -> Response:
        """All labs that match shall go: the labs as they are being removed."""
        options = await _delete_options(request)
        wanted = wanted_labs(request.query_params, request.path_params["namespace"])
        place: LabKey | None = None
        gone: list[LabInstanceView] = []
        while True:
            moment = Latest(not_older_than=None)
            question = ListLabInstances(wanted=wanted, moment=moment, after=place, limit=500)
            page = await self._mediator.ask(question)
            for view in page.views:
                with suppress(LabInstanceNotFound):  # it went by itself meanwhile
                    gone.append(await self._deleted(request, view.lab.key, options) or view)
            if not page.more:
                break
            place = page.views[-1].lab.key
        metadata = ListMetadata(resource_version=str(page.position))
        items = [document_of(view) for view in gone]
        return json_response(
            LabInstanceListDocument(api_version=API_VERSION, metadata=metadata, items=items)
        )

    async def _deleted(
        self, request: Request, key: LabKey, options: "_DeleteOptions"
    ) -> LabInstanceView | None:
        context = context_of(request)
        command = DeleteLabInstance(lab=key, reason=_REASON, precondition=options.precondition)
        return await self._writing.carry_out(
            request,
            command,
            dry_run=options.dry_run,
            context=replace(context, command_id=uuid5(context.command_id, str(key))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _DeleteOptions:
    precondition: Precondition
    dry_run: bool


async def _delete_options(request: Request) -> _DeleteOptions:
    """From the query and the body; both may be empty."""
    dry_run = write_options(request, "DeleteOptions").dry_run
    given = await read_document(request)
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise BadRequest("the DeleteOptions provided must be a JSON object")
    return _DeleteOptions(
        precondition=_precondition(given.get("preconditions")),
        dry_run=dry_run or _dry_run(given.get("dryRun")),
    )


def _precondition(given: Any) -> Precondition:
    if given is None:
        return precondition("", "")
    if not isinstance(given, dict):
        raise BadRequest("preconditions in the DeleteOptions must be an object")
    uid, version = given.get("uid") or "", given.get("resourceVersion") or ""
    if not isinstance(uid, str) or not isinstance(version, str):
        raise BadRequest("uid and resourceVersion in the preconditions must be strings")
    return precondition(uid, version)


def _dry_run(given: Any) -> bool:
    if given in (None, []):
        return False
    if given == ["All"]:
        return True
    message = 'supported values: "All"'
    fault = FieldFault(field="dryRun", reason=FaultReason.NOT_SUPPORTED, message=message)
    raise InvalidOptions("DeleteOptions", [fault])
