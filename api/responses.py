"""The few kinds of answers that routes give."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api.error_table import ErrorAnswer
from api.rendering import encode

JSON = "application/json"


def json_response(
    document: Any, *, code: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The document as JSON."""
    return Response(encode(document), status_code=code, headers=headers, media_type=JSON)


def error_response(answer: ErrorAnswer) -> Response:
    """The Status document under its own code."""
    code = answer.status.code
    assert code is not None, "every failure has a code"  # noqa: S101  set by failure()
    return json_response(answer.status, code=code, headers=answer.headers)
