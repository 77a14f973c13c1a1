"""The one table from error types to Status documents."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from api.errors import subjects
from api.errors.error_answer import ErrorAnswer, invalid
from api.http.refusals import (
    ApplyConflict,
    BadRequest,
    BodyTooLarge,
    ImpersonationRefused,
    InvalidInput,
    MethodNotAllowed,
    NotAcceptable,
    ObjectNotFound,
    PatchFailed,
    Stopping,
    TooBusy,
    Unauthenticated,
    UnknownPath,
    UnsupportedBody,
    UnsupportedEncoding,
)
from api.kubernetes.lab_kind import API_VERSION
from api.kubernetes.status import Status, StatusCause, StatusDetails, failure
from application.commands.repeats import RepeatedDifferently
from application.mediator.questions import ResourceVersionExpired, ResourceVersionTooLarge
from application.ports.event_store import (
    AppendTooLarge,
    EventStoreUnavailable,
    StreamConflict,
)
from application.ports.provisioner import ProvisionerUnavailable, RuntimeNotFound
from application.ports.read_model import ReadModelUnavailable
from domain.api_object.errors import (
    ApiObjectAlreadyExists,
    ApiObjectNotFound,
    InvalidApiObject,
    NamespaceTerminating,
    ProtectedApiObject,
)
from domain.errors import (
    IllegalTransition,
    InvalidLabInstance,
    LabInstanceAlreadyExists,
    LabInstanceNotFound,
    ObjectTooLarge,
    PreconditionFailed,
)

_RETRY_AFTER_SECONDS = 1


def answer_to(error: Exception) -> ErrorAnswer | None:
    """The answer to the error; None for one that nobody expected."""
    for kind in type(error).__mro__:
        answer = _TABLE.get(kind)
        if answer is not None:
            return answer(error)
    return None


def internal_error() -> ErrorAnswer:
    """What is said of a mistake of ours: nothing about its inside."""
    message = "Internal error occurred: the request failed unexpectedly; see the service's log"
    code = HTTPStatus.INTERNAL_SERVER_ERROR
    return ErrorAnswer(status=failure(code, "InternalError", message))


def expired(asked: int, oldest: int) -> Status:
    """The last line of a watch whose position is no longer known."""
    message = f"too old resource version: {asked} ({oldest})"
    return failure(HTTPStatus.GONE, "Expired", message)


def _plain(code: HTTPStatus, reason: str) -> "_Answer":
    return lambda error: ErrorAnswer(status=failure(code, reason, str(error)))


def _unauthenticated(error: Unauthenticated) -> ErrorAnswer:
    status = failure(HTTPStatus.UNAUTHORIZED, "Unauthorized", str(error))
    return ErrorAnswer(status=status, headers={"WWW-Authenticate": "Bearer"})


def _method_not_allowed(error: MethodNotAllowed) -> ErrorAnswer:
    status = failure(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", str(error))
    return ErrorAnswer(status=status, headers={"Allow": ", ".join(error.allowed)})


def _invalid_subject(error: InvalidLabInstance | InvalidApiObject) -> ErrorAnswer:
    what, details = subjects.invalid_subject(error)
    return invalid(what, details, error.faults)


def _invalid_input(error: InvalidInput) -> ErrorAnswer:
    what = StatusDetails(name=error.name or None, group=error.group, kind=error.kind)
    return invalid(f'{error.kind}.{error.group} "{error.name}"', what, error.faults)


def _object_not_found(error: ObjectNotFound) -> ErrorAnswer:
    about_it = StatusDetails(name=error.name, group=error.group or None, kind=error.plural)
    return ErrorAnswer(status=failure(HTTPStatus.NOT_FOUND, "NotFound", str(error), about_it))


def _apply_conflict(error: ApplyConflict) -> ErrorAnswer:
    causes = [
        StatusCause(
            reason="FieldManagerConflict",
            message=(
                f'conflict with "{each.manager}" using {API_VERSION} '
                f"at {each.since:%Y-%m-%dT%H:%M:%SZ}"
            ),
            field=each.field,
        )
        for each in error.conflicts
    ]
    details = StatusDetails(causes=causes)
    return ErrorAnswer(status=failure(HTTPStatus.CONFLICT, "Conflict", str(error), details))


def _too_large_version(error: ResourceVersionTooLarge) -> ErrorAnswer:
    cause = StatusCause(reason="ResourceVersionTooLarge", message="Too large resource version")
    details = StatusDetails(causes=[cause], retry_after_seconds=_RETRY_AFTER_SECONDS)
    code = HTTPStatus.GATEWAY_TIMEOUT
    return _passing(failure(code, "Timeout", str(error), details))


def _unavailable(error: Exception) -> ErrorAnswer:
    details = StatusDetails(retry_after_seconds=_RETRY_AFTER_SECONDS)
    code = HTTPStatus.SERVICE_UNAVAILABLE
    return _passing(failure(code, "ServiceUnavailable", str(error), details))


def _too_busy(error: TooBusy) -> ErrorAnswer:
    details = StatusDetails(retry_after_seconds=_RETRY_AFTER_SECONDS)
    code = HTTPStatus.TOO_MANY_REQUESTS
    return _passing(failure(code, "TooManyRequests", str(error), details))


def _passing(status: Status) -> ErrorAnswer:
    """For what may be over after the seconds in the details."""
    return ErrorAnswer(status=status, headers={"Retry-After": str(_RETRY_AFTER_SECONDS)})


_Answer = Callable[[Any], ErrorAnswer]
_TABLE: Mapping[type, _Answer] = {
    Unauthenticated: _unauthenticated,
    ImpersonationRefused: _plain(HTTPStatus.FORBIDDEN, "Forbidden"),
    UnsupportedEncoding: _plain(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType"),
    BadRequest: _plain(HTTPStatus.BAD_REQUEST, "BadRequest"),
    ObjectNotFound: _object_not_found,
    UnknownPath: _plain(HTTPStatus.NOT_FOUND, "NotFound"),
    MethodNotAllowed: _method_not_allowed,
    RepeatedDifferently: _plain(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid"),
    PatchFailed: _plain(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid"),
    ApplyConflict: _apply_conflict,
    TooBusy: _too_busy,
    Stopping: _unavailable,
    BodyTooLarge: _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLarge"),
    UnsupportedBody: _plain(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType"),
    NotAcceptable: _plain(HTTPStatus.NOT_ACCEPTABLE, "NotAcceptable"),
    ObjectTooLarge: _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLarge"),
    InvalidInput: _invalid_input,
    InvalidLabInstance: _invalid_subject,
    InvalidApiObject: _invalid_subject,
    LabInstanceNotFound: subjects.not_found,
    ApiObjectNotFound: subjects.not_found,
    LabInstanceAlreadyExists: subjects.already_exists,
    ApiObjectAlreadyExists: subjects.already_exists,
    IllegalTransition: subjects.illegal,
    PreconditionFailed: subjects.precondition_failed,
    ProtectedApiObject: subjects.protected,
    NamespaceTerminating: subjects.terminating,
    StreamConflict: subjects.lost_race,
    ResourceVersionExpired: _plain(HTTPStatus.GONE, "Expired"),
    ResourceVersionTooLarge: _too_large_version,
    RuntimeNotFound: _plain(HTTPStatus.NOT_FOUND, "NotFound"),
    ProvisionerUnavailable: _unavailable,
    AppendTooLarge: _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLarge"),
    EventStoreUnavailable: _unavailable,
    ReadModelUnavailable: _unavailable,
}
