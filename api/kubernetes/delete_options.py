"""Kubernetes' GivenDeleteOptions, as far as they mean something here."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from api.http.refusals import BadRequest, InvalidOptions
from api.kubernetes.body import read_any
from api.kubernetes.options import write_options
from api.kubernetes.write_checks import precondition
from domain.errors import FaultReason, FieldFault
from domain.precondition import Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenDeleteOptions:
    """What must be true of the lab, and whether it is only tried."""

    precondition: Precondition
    dry_run: bool


async def delete_options(request: Request) -> GivenDeleteOptions:
    """From the query and the body; both may be empty. Raises BadRequest, InvalidOptions."""
    dry_run = write_options(request, "GivenDeleteOptions").dry_run
    given = await read_any(request)
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise BadRequest("the GivenDeleteOptions provided must be a JSON object")
    return GivenDeleteOptions(
        precondition=_precondition(given.get("preconditions")),
        dry_run=dry_run or _dry_run(given.get("dryRun")),
    )


def _precondition(given: Any) -> Precondition:
    if given is None:
        return precondition("", "")
    if not isinstance(given, dict):
        raise BadRequest("preconditions in the GivenDeleteOptions must be an object")
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
    raise InvalidOptions("GivenDeleteOptions", [fault])
