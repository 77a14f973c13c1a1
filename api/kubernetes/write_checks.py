"""What every write is held against: unknown fields, the address, preconditions, the version."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from api.http.json_structure import noted_repeated
from api.http.refusals import BadRequest, UnknownFields
from api.kubernetes.given_metadata import Given
from api.kubernetes.lab_kind import KIND
from api.kubernetes.options import (
    FieldValidation,
    WriteOptions,
    header_safe,
    header_warnings,
    resource_version,
)
from application.ports.views import ApiObjectView, LabInstanceView
from domain.api_object.key import ApiObjectKey
from domain.errors import PreconditionFailed
from domain.lab_instance.key import LabKey
from domain.precondition import Precondition

V = TypeVar("V", LabInstanceView, ApiObjectView)

_MOST_NAMED = 20


def check_unknown(request: Request, given: Given, options: WriteOptions) -> Mapping[str, str]:
    """The headers that warn of fields that nobody knows, or that the body says twice. Raises
    UnknownFields when being strict."""
    return header_warnings(_judged(request, given.kind, given.unknown, options))


def check_repeated(request: Request, options: WriteOptions) -> Sequence[str]:
    """What is to be warned of where unknown fields are welcome: those that the body says twice.
    Raises UnknownFields when being strict."""
    return _judged(request, KIND, (), options)


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


def _judged(
    request: Request, kind: str, unknown: Sequence[str], options: WriteOptions
) -> Sequence[str]:
    repeated = noted_repeated(request.scope)
    if not unknown and not repeated:
        return ()
    unknown = unknown[:_MOST_NAMED]
    match options.field_validation:
        case FieldValidation.STRICT:
            raise UnknownFields(kind, unknown, repeated)
        case FieldValidation.IGNORE:
            return ()
        case _:
            return [
                *(f'unknown field "{header_safe(name)}"' for name in unknown),
                *(f'duplicate field "{header_safe(name)}"' for name in repeated),
            ]
