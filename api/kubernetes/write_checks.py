"""What every write is held against: unknown fields, the address, preconditions, the version."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from starlette.responses import Response

from api.http.refusals import BadRequest, UnknownFields
from api.kubernetes.given_metadata import Given
from api.kubernetes.options import FieldValidation, WriteOptions, resource_version, warnings
from application.ports.views import ApiObjectView, LabInstanceView
from domain.api_object.key import ApiObjectKey
from domain.errors import PreconditionFailed
from domain.lab_instance.key import LabKey
from domain.precondition import Precondition

V = TypeVar("V", LabInstanceView, ApiObjectView)


def check_unknown(given: Given, options: WriteOptions) -> Mapping[str, str]:
    """The headers that warn of unknown fields. Raises UnknownFields when being strict."""
    if not given.unknown:
        return {}
    match options.field_validation:
        case FieldValidation.STRICT:
            raise UnknownFields(given.kind, given.unknown[:20])
        case FieldValidation.WARN:
            return warnings(given.unknown)
        case FieldValidation.IGNORE:
            return {}


def check_address(given: Given, key: LabKey | ApiObjectKey) -> None:
    """Raises BadRequest when the body names another object than the path."""
    name, namespace = given.metadata.name, given.metadata.namespace
    if name not in ("", key.name):
        raise BadRequest(f"the name of the object does not match the name on the URL ({key.name})")
    if namespace not in ("", key.namespace):
        raise BadRequest(
            "the namespace of the object does not match the namespace on the URL "
            f"({key.namespace})"
        )


def precondition(uid: str, version: str) -> Precondition:
    """What must be true of the object; empty texts, and version 0, ask nothing."""
    return Precondition(
        uid=uid or None, resource_version=(resource_version(version) if version else 0) or None
    )


def of_this_version(given: Given, version: int) -> Precondition:
    """What the body asks to be true; where it names no version, that it is put on this one."""
    asked = precondition(given.metadata.uid, given.metadata.resource_version)
    return replace(asked, resource_version=asked.resource_version or version)


async def retry_on_fresh(
    get: Callable[[int], Awaitable[V]],
    attempt: Callable[[V], Awaitable[Response]],
    *,
    attempts: int,
) -> Response:
    """What `attempt` makes of the view that `get` answers, which is asked for a version to be
    reached at least. An attempt that lost a race, by sending the version of a view that is
    another by now, is made again on the fresh one. Raises what both raise."""
    known = 0
    while True:
        current = await get(known)
        attempts -= 1
        try:
            return await attempt(current)
        except PreconditionFailed as error:
            bet = error.expected == str(current.resource_version)
            if error.what != "resourceVersion" or not bet or not attempts:
                raise
            known = int(error.actual)
