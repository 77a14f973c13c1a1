"""The few kinds of answers that routes give."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.http.encoding import encode

JSON = "application/json"
_CONTENT_TYPE = (b"content-type", JSON.encode())


class _JsonResponse(Response):
    """Starlette's response, with headers made without its general rules, and sent
    without its detours."""

    def __init__(self, body: bytes, code: int, headers: Mapping[str, str] | None) -> None:
        self.status_code = code
        self.body = body
        self.background = None
        self.raw_headers = [(b"content-length", str(len(body)).encode())]
        if not headers:
            self.raw_headers.append(_CONTENT_TYPE)
            return
        named = {name.lower(): value for name, value in headers.items()}
        if "content-type" not in named:
            self.raw_headers.append(_CONTENT_TYPE)
        for name, value in named.items():
            self.raw_headers.append((name.encode("latin-1"), value.encode("latin-1")))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": self.body})


def json_response(
    document: Any, *, code: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The document as JSON."""
    return _JsonResponse(encode(document), code, headers)
