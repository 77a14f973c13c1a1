"""What is refused of documents, as Kubernetes tells it."""

from http import HTTPStatus

from api.kubernetes.kinds import EVENTS, LAB_INSTANCES, LEASES, NAMESPACES, Kind
from api.kubernetes.status import Status, StatusCause, StatusDetails, failure
from domain.api_object.errors import (
    ApiObjectAlreadyExists,
    ApiObjectNotFound,
    ApiObjectPreconditionFailed,
    NamespaceTerminating,
    ProtectedApiObject,
)
from domain.api_object.key import ApiObjectKey, ApiObjectKind

_KINDS = {
    ApiObjectKind.NAMESPACE: NAMESPACES,
    ApiObjectKind.LEASE: LEASES,
    ApiObjectKind.EVENT: EVENTS,
}
_MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


def kind_of(key: ApiObjectKey) -> Kind:
    """What the document is to clients."""
    return _KINDS[key.kind]


def not_found(error: ApiObjectNotFound) -> Status:
    """There is none of that name."""
    return _about(error.key, HTTPStatus.NOT_FOUND, "NotFound", "not found")


def already_exists(error: ApiObjectAlreadyExists) -> Status:
    """There is one already."""
    return _about(error.key, HTTPStatus.CONFLICT, "AlreadyExists", "already exists")


def protected(error: ProtectedApiObject) -> Status:
    """It has to stay."""
    told = "is forbidden: this namespace may not be deleted"
    return _about(error.key, HTTPStatus.FORBIDDEN, "Forbidden", told)


def conflict(error: ApiObjectPreconditionFailed) -> Status:
    """It is another than was thought."""
    if error.what != "uid":
        return lost_race(error.key)
    told = f"UID in precondition: {error.expected}, UID in object meta: {error.actual}"
    return _conflict(error.key, f"Precondition failed: {told}")


def lost_race(key: ApiObjectKey) -> Status:
    """Another writer was faster."""
    return _conflict(key, _MODIFIED)


def terminating(error: NamespaceTerminating) -> Status:
    """Nothing new may come into the namespace."""
    kind = kind_of(error.key) if error.key else LAB_INSTANCES
    why = (
        f"unable to create new content in namespace {error.namespace} "
        "because it is being terminated"
    )
    details = _details(kind, error.name)
    details.causes = [
        StatusCause(
            reason="NamespaceTerminating",
            message=f"namespace {error.namespace} is being terminated",
            field="metadata.namespace",
        )
    ]
    message = f'{kind.resource} "{error.name}" is forbidden: {why}'
    return failure(HTTPStatus.FORBIDDEN, "Forbidden", message, details)


def _conflict(key: ApiObjectKey, why: str) -> Status:
    kind = kind_of(key)
    message = f'Operation cannot be fulfilled on {kind.resource} "{key.name}": {why}'
    return failure(HTTPStatus.CONFLICT, "Conflict", message, _details(kind, key.name))


def _about(key: ApiObjectKey, code: HTTPStatus, reason: str, told: str) -> Status:
    kind = kind_of(key)
    message = f'{kind.resource} "{key.name}" {told}'
    return failure(code, reason, message, _details(kind, key.name))


def _details(kind: Kind, name: str) -> StatusDetails:
    return StatusDetails(name=name, group=kind.group or None, kind=kind.plural)
