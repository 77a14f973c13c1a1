"""What FastAPI and Starlette refuse by themselves, answered as everything else that is refused."""

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.errors.error_answer import ErrorAnswer, error_response
from api.errors.error_table import answer_to, internal_error
from api.http.refusals import BadRequest, MethodNotAllowed, Refusal, UnknownPath

FRAMEWORK_ERRORS = (HTTPException, RequestValidationError)
"""The errors that `framework_error` answers."""


async def framework_error(_request: Request, error: Exception) -> Response:
    """The Status document for one of FRAMEWORK_ERRORS."""
    return error_response(_answer(_as_refusal(error)))


def _as_refusal(error: Exception) -> Refusal | None:
    if not isinstance(error, HTTPException):
        return BadRequest("the request is not valid")
    match error.status_code:
        case 404:
            return UnknownPath()
        case 405:
            allowed = (error.headers or {}).get("Allow", "")
            return MethodNotAllowed(sorted(allowed.split(", ")))
        case code if code < 500:
            return BadRequest("the request is not valid")
        case _:
            return None


def _answer(refusal: Refusal | None) -> ErrorAnswer:
    answer = answer_to(refusal) if refusal else None
    return answer or internal_error()
