"""The one table from error types to Status documents."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from api.errors import object_answers as answers
from api.errors.error_answer import ErrorAnswer, invalid
from api.http.refusals import (
    ApplyConflict,
    BadRequest,
    BodyTooLarge,
    ImpersonationRefused,
    InvalidOptions,
    InvalidReview,
    InvalidScale,
    MethodNotAllowed,
    NotAcceptable,
    ObjectNotFound,
    PatchFailed,
    TooBusy,
    Unauthenticated,
    UnknownPath,
    UnsupportedBody,
    UnsupportedEncoding,
)
from api.kubernetes.lab_kind import API_VERSION, GROUP, KIND, RESOURCE, SCALE_GROUP, SCALE_KIND
from api.kubernetes.status import Status, StatusCause, StatusDetails, about, failure
from application.commands.repeats import RepeatedDifferently
from application.event_log.object_streams import key_of as object_key_of
from application.event_log.streams import is_lab_stream, key_of
from application.mediator.questions import ResourceVersionTooLarge
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
    ApiObjectPreconditionFailed,
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
_MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


def answer_to(error: Exception) -> ErrorAnswer | None:
    """How the error is told to the client; None for one that nobody expected."""
    for kind in type(error).__mro__:
        tell = _TABLE.get(kind)
        if tell is not None:
            return tell(error)
    return None


def internal_error() -> ErrorAnswer:
    """What is said of a mistake of ours: nothing about its inside."""
    message = "Internal error occurred: the request failed unexpectedly; see the service's log"
    code = HTTPStatus.INTERNAL_SERVER_ERROR
    return ErrorAnswer(status=failure(code, "InternalError", message))


def expired(asked: int, oldest: int) -> Status:
    """What a watcher is told, inside the stream, whose position is no longer known."""
    message = f"too old resource version: {asked} ({oldest})"
    return failure(HTTPStatus.GONE, "Expired", message)


def _plain(code: HTTPStatus, reason: str) -> "_Tell":
    return lambda error: ErrorAnswer(status=failure(code, reason, str(error)))


def _unauthenticated(error: Unauthenticated) -> ErrorAnswer:
    status = failure(HTTPStatus.UNAUTHORIZED, "Unauthorized", str(error))
    return ErrorAnswer(status=status, headers={"WWW-Authenticate": "Bearer"})


def _method_not_allowed(error: MethodNotAllowed) -> ErrorAnswer:
    status = failure(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", str(error))
    return ErrorAnswer(status=status, headers={"Allow": ", ".join(error.allowed)})


def _invalid_lab(error: InvalidLabInstance) -> ErrorAnswer:
    what = StatusDetails(name=error.name or None, group=GROUP, kind=KIND)
    return invalid(f'{KIND}.{GROUP} "{error.name}"', what, error.faults)


def _invalid_options(error: InvalidOptions) -> ErrorAnswer:
    what = StatusDetails(group="meta.k8s.io", kind=error.kind)
    return invalid(f'{error.kind}.meta.k8s.io ""', what, error.faults)


def _invalid_review(error: InvalidReview) -> ErrorAnswer:
    what = StatusDetails(group=error.group, kind=error.kind)
    return invalid(f'{error.kind}.{error.group} ""', what, error.faults)


def _invalid_scale(error: InvalidScale) -> ErrorAnswer:
    what = StatusDetails(name=error.name, group=SCALE_GROUP, kind=SCALE_KIND)
    return invalid(f'{SCALE_KIND}.{SCALE_GROUP} "{error.name}"', what, error.faults)


def _not_found(error: LabInstanceNotFound) -> ErrorAnswer:
    message = f'{RESOURCE} "{error.name}" not found'
    return ErrorAnswer(
        status=failure(HTTPStatus.NOT_FOUND, "NotFound", message, about(error.name))
    )


def _object_not_found(error: ObjectNotFound) -> ErrorAnswer:
    about_it = StatusDetails(name=error.name, group=error.group or None, kind=error.plural)
    return ErrorAnswer(status=failure(HTTPStatus.NOT_FOUND, "NotFound", str(error), about_it))


def _already_exists(error: LabInstanceAlreadyExists) -> ErrorAnswer:
    message = f'{RESOURCE} "{error.name}" already exists'
    details = about(error.name)
    return ErrorAnswer(status=failure(HTTPStatus.CONFLICT, "AlreadyExists", message, details))


def _conflict(name: str, why: str) -> ErrorAnswer:
    message = f'Operation cannot be fulfilled on {RESOURCE} "{name}": {why}'
    return ErrorAnswer(status=failure(HTTPStatus.CONFLICT, "Conflict", message, about(name)))


def _lost_race(error: StreamConflict) -> ErrorAnswer:
    if is_lab_stream(error.stream):
        return _conflict(key_of(error.stream).name, _MODIFIED)
    return ErrorAnswer(status=answers.lost_race(object_key_of(error.stream)))


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


def _precondition(error: PreconditionFailed) -> ErrorAnswer:
    if error.what != "uid":
        return _conflict(error.name, _MODIFIED)
    told = f"UID in precondition: {error.expected}, UID in object meta: {error.actual}"
    return _conflict(error.name, f"Precondition failed: {told}")


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
    """Of what may be over by the time that the details tell."""
    return ErrorAnswer(status=status, headers={"Retry-After": str(_RETRY_AFTER_SECONDS)})


def _invalid_api_object(error: InvalidApiObject) -> ErrorAnswer:
    kind, name = answers.kind_of(error.key), error.key.name
    what = StatusDetails(name=name or None, group=kind.group or None, kind=kind.kind)
    qualified = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    return invalid(f'{qualified} "{name}"', what, error.faults)


_Tell = Callable[[Any], ErrorAnswer]
_TABLE: Mapping[type, _Tell] = {
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
    BodyTooLarge: _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLarge"),
    UnsupportedBody: _plain(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType"),
    NotAcceptable: _plain(HTTPStatus.NOT_ACCEPTABLE, "NotAcceptable"),
    InvalidOptions: _invalid_options,
    InvalidReview: _invalid_review,
    InvalidScale: _invalid_scale,
    ObjectTooLarge: _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLarge"),
    InvalidLabInstance: _invalid_lab,
    LabInstanceNotFound: _not_found,
    LabInstanceAlreadyExists: _already_exists,
    IllegalTransition: lambda error: _conflict(error.name, str(error)),
    PreconditionFailed: _precondition,
    ApiObjectNotFound: lambda error: ErrorAnswer(status=answers.not_found(error)),
    ApiObjectAlreadyExists: lambda error: ErrorAnswer(status=answers.already_exists(error)),
    ApiObjectPreconditionFailed: lambda error: ErrorAnswer(status=answers.conflict(error)),
    InvalidApiObject: _invalid_api_object,
    ProtectedApiObject: lambda error: ErrorAnswer(status=answers.protected(error)),
    NamespaceTerminating: lambda error: ErrorAnswer(status=answers.terminating(error)),
    StreamConflict: _lost_race,
    ResourceVersionTooLarge: _too_large_version,
    RuntimeNotFound: _plain(HTTPStatus.NOT_FOUND, "NotFound"),
    ProvisionerUnavailable: _unavailable,
    AppendTooLarge: _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLarge"),
    EventStoreUnavailable: _unavailable,
    ReadModelUnavailable: _unavailable,
}
