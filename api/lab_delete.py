"""DELETE of a lab."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.options import write_options
from api.refusals import BadRequest, InvalidOptions
from api.rendering import document_of
from api.request_body import read_document
from api.responses import json_response
from api.routing import key_in
from api.services import Services
from api.status import GROUP, PLURAL, StatusDetails, success
from api.writing import Writing, precondition
from domain.errors import FaultReason, FieldFault
from domain.lab_instance.commands import DeleteLabInstance, Precondition

_REASON = "user"


class LabDelete:
    """The deleting route."""

    def __init__(self, services: Services) -> None:
        self._writing = Writing(services)

    async def delete(self, request: Request) -> Response:
        """The lab shall go: the lab as it is being removed, since that takes its time."""
        key = key_in(request)
        dry_run = write_options(request, "DeleteOptions").dry_run
        options = await read_document(request)
        if options is None:
            options = {}
        if not isinstance(options, dict):
            raise BadRequest("the DeleteOptions provided must be a JSON object")
        command = DeleteLabInstance(
            lab=key, reason=_REASON, precondition=_precondition(options.get("preconditions"))
        )
        dry_run = dry_run or _dry_run(options.get("dryRun"))
        view = await self._writing.carry_out(request, command, dry_run=dry_run)
        if view is None:
            details = StatusDetails(name=key.name, group=GROUP, kind=PLURAL)
            return json_response(success(details))
        return json_response(document_of(view))


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
