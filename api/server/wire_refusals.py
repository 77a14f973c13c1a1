"""Requests that are refused before an application is asked."""

from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from api.http.encoding import encode
from api.kubernetes.status import failure


class RefusedOnTheWire(Exception):
    """A request that is not given to the application; the text is for its sender."""

    def __init__(self, code: HTTPStatus, message: str) -> None:
        self.code = code
        super().__init__(message)

    def answer(self) -> bytes:
        """All that is sent: a Status document, and nothing after it."""
        reason = self.code.phrase.title().replace(" ", "")
        body = encode(failure(self.code, reason, str(self)))
        head = b"content-type: application/json\r\nconnection: close\r\n"
        return b"%b%bcontent-length: %d\r\n\r\n%b" % (
            STATUS_LINE[self.code],
            head,
            len(body),
            body,
        )


def not_http() -> RefusedOnTheWire:
    """For what the parser does not understand."""
    return RefusedOnTheWire(HTTPStatus.BAD_REQUEST, "Invalid HTTP request received.")
