"""The answer to an error: a Status document, and the headers that go with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.responses import Response

from api.http.responses import json_response
from api.kubernetes.status import Status, StatusCause, StatusDetails, failure
from domain.errors import FaultReason, FieldFault

_PREFIX = {
    FaultReason.REQUIRED: "Required value",
    FaultReason.INVALID: "Invalid value",
    FaultReason.NOT_SUPPORTED: "Unsupported value",
    FaultReason.FORBIDDEN: "Forbidden",
    FaultReason.TYPE: "Invalid value",
    FaultReason.TOO_LONG: "Too long",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorAnswer:
    """A Status document and the headers that go with it."""

    status: Status
    headers: Mapping[str, str] = field(default_factory=dict)


def invalid(what: str, details: StatusDetails, faults: Sequence[FieldFault]) -> ErrorAnswer:
    """What is said of an object with faults: all of them, each a cause of its own."""
    messages = [f"{_PREFIX[fault.reason]}: {fault.message}" for fault in faults]
    details.causes = [
        StatusCause(reason=fault.reason.value, message=text, field=fault.field)
        for fault, text in zip(faults, messages, strict=True)
    ]
    lines = [f"{fault.field}: {text}" for fault, text in zip(faults, messages, strict=True)]
    problems = lines[0] if len(lines) == 1 else f"[{', '.join(lines)}]"
    code = HTTPStatus.UNPROCESSABLE_ENTITY
    return ErrorAnswer(status=failure(code, "Invalid", f"{what} is invalid: {problems}", details))


def error_response(answer: ErrorAnswer) -> Response:
    """The Status document under its own code."""
    code = answer.status.code
    assert code is not None, "every failure has a code"  # noqa: S101  set by failure()
    return json_response(answer.status, code=code, headers=answer.headers)
