"""What is refused of one lab or API object, in Kubernetes' words."""

from collections.abc import Sequence
from http import HTTPStatus

from api.errors.error_answer import ErrorAnswer
from api.kubernetes.kinds import EVENTS, LAB_INSTANCES, LEASES, NAMESPACES, Kind
from api.kubernetes.status import StatusCause, StatusDetails, failure
from application.event_log.api_objects import key_of as object_key_of
from application.event_log.labs import is_lab_stream
from application.event_log.labs import key_of as lab_key_of
from application.ports.event_store import StreamConflict
from domain.api_object.errors import (
    ApiObjectAlreadyExists,
    ApiObjectNotFound,
    InvalidApiObject,
    NamespaceTerminating,
    ProtectedApiObject,
)
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from domain.errors import (
    IllegalTransition,
    InvalidLabInstance,
    LabInstanceAlreadyExists,
    LabInstanceNotFound,
    PreconditionFailed,
)
from domain.lab_instance.key import LabKey

_KINDS = {
    ApiObjectKind.NAMESPACE: NAMESPACES,
    ApiObjectKind.LEASE: LEASES,
    ApiObjectKind.EVENT: EVENTS,
}
_MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
_Subject = tuple[Kind, str]


def invalid_subject(error: InvalidLabInstance | InvalidApiObject) -> tuple[str, StatusDetails]:
    """What is invalid, as messages name it, and the details that point at it."""
    kind, name = _subject(error)
    qualified = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    details = StatusDetails(name=name or None, group=kind.group or None, kind=kind.kind)
    return f'{qualified} "{name}"', details


def not_found(error: LabInstanceNotFound | ApiObjectNotFound) -> ErrorAnswer:
    """None exists of that name."""
    return _about(_subject(error), HTTPStatus.NOT_FOUND, "NotFound", "not found")


def already_exists(error: LabInstanceAlreadyExists | ApiObjectAlreadyExists) -> ErrorAnswer:
    """The name is taken."""
    return _about(_subject(error), HTTPStatus.CONFLICT, "AlreadyExists", "already exists")


def protected(error: ProtectedApiObject) -> ErrorAnswer:
    """It has to stay."""
    text = "is forbidden: this namespace may not be deleted"
    return _about(_subject(error), HTTPStatus.FORBIDDEN, "Forbidden", text)


def illegal(error: IllegalTransition) -> ErrorAnswer:
    """Not in its present state."""
    return _conflict(_subject(error), str(error))


def precondition_failed(error: PreconditionFailed) -> ErrorAnswer:
    """It is another than was thought."""
    if error.what != "uid":
        return _conflict(_of_key(error.key), _MODIFIED)
    text = f"UID in precondition: {error.expected}, UID in object meta: {error.actual}"
    return _conflict(_of_key(error.key), f"Precondition failed: {text}")


def lost_race(error: StreamConflict) -> ErrorAnswer:
    """Another writer was faster, each time."""
    key_of = lab_key_of if is_lab_stream(error.stream) else object_key_of
    return _conflict(_of_key(key_of(error.stream)), _MODIFIED)


def terminating(error: NamespaceTerminating) -> ErrorAnswer:
    """Nothing new may come into the namespace."""
    kind, _ = subject = (_KINDS[error.key.kind] if error.key else LAB_INSTANCES, error.name)
    text = (
        f"is forbidden: unable to create new content in namespace {error.namespace} "
        "because it is being terminated"
    )
    cause = StatusCause(
        reason="NamespaceTerminating",
        message=f"namespace {error.namespace} is being terminated",
        field="metadata.namespace",
    )
    answer = _about(subject, HTTPStatus.FORBIDDEN, "Forbidden", text)
    answer.status.details = _details(kind, error.name, [cause])
    return answer


def _subject(error: object) -> _Subject:
    key = getattr(error, "key", None)
    return _of_key(key) if key is not None else (LAB_INSTANCES, str(getattr(error, "name", "")))


def _of_key(key: object) -> _Subject:
    match key:
        case ApiObjectKey():
            return _KINDS[key.kind], key.name
        case LabKey():
            return LAB_INSTANCES, key.name
        case _:
            raise TypeError(f"{key!r} names neither a lab nor an API object")


def _conflict(subject: _Subject, why: str) -> ErrorAnswer:
    kind, name = subject
    message = f'Operation cannot be fulfilled on {kind.resource} "{name}": {why}'
    status = failure(HTTPStatus.CONFLICT, "Conflict", message, _details(kind, name))
    return ErrorAnswer(status=status)


def _about(subject: _Subject, code: HTTPStatus, reason: str, text: str) -> ErrorAnswer:
    kind, name = subject
    message = f'{kind.resource} "{name}" {text}'
    return ErrorAnswer(status=failure(code, reason, message, _details(kind, name)))


def _details(kind: Kind, name: str, causes: Sequence[StatusCause] | None = None) -> StatusDetails:
    return StatusDetails(name=name, group=kind.group or None, kind=kind.plural, causes=causes)
