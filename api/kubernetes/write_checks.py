"""What every write is held against: unknown fields, the address, preconditions."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request

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
from domain.lab_instance.commands import Precondition
from domain.lab_instance.key import LabKey

_MOST_TOLD = 20


def check_unknown(request: Request, given: Given, options: WriteOptions) -> Mapping[str, str]:
    """The headers that warn of fields that nobody knows, or that the body says twice. Raises
    UnknownFields when being strict."""
    return header_warnings(_judged(request, given.kind, given.unknown, options))


def check_repeated(request: Request, options: WriteOptions) -> Sequence[str]:
    """What is to be warned of where unknown fields are welcome: those that the body says twice.
    Raises UnknownFields when being strict."""
    return _judged(request, KIND, (), options)


def check_address(given: Given, key: LabKey) -> None:
    """Raises BadRequest when the body speaks of another lab than the path."""
    name, namespace = given.metadata.name, given.metadata.namespace
    if name not in ("", key.name):
        raise BadRequest(f"the name of the object does not match the name on the URL ({key.name})")
    if namespace not in ("", key.namespace):
        raise BadRequest(
            "the namespace of the object does not match the namespace on the URL "
            f"({key.namespace})"
        )


def precondition(uid: str, version: str) -> Precondition:
    """What must be true of the lab; empty texts, and version 0, ask nothing."""
    return Precondition(
        uid=uid or None, resource_version=(resource_version(version) if version else 0) or None
    )


def _judged(
    request: Request, kind: str, unknown: Sequence[str], options: WriteOptions
) -> Sequence[str]:
    unknown, repeated = unknown[:_MOST_TOLD], noted_repeated(request.scope)
    match options.field_validation:
        case FieldValidation.STRICT if unknown or repeated:
            raise UnknownFields(kind, unknown, repeated)
        case FieldValidation.IGNORE:
            return ()
        case _:
            return [
                *(f'unknown field "{header_safe(name)}"' for name in unknown),
                *(f'duplicate field "{header_safe(name)}"' for name in repeated),
            ]
