"""What every write is held against: unknown fields, the address, preconditions."""

from collections.abc import Mapping

from api.http.refusals import BadRequest, UnknownFields
from api.kubernetes.given_metadata import Given
from api.kubernetes.options import FieldValidation, WriteOptions, resource_version, warnings
from domain.lab_instance.commands import Precondition
from domain.lab_instance.key import LabKey


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
