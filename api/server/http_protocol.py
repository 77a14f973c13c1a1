"""HTTP/1.1 on the wire, with bounds. uvicorn sets none on what comes before an application is
asked, and everybody who reaches the port could use that, every lab on this machine among them."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from api.http.encoding import encode
from api.kubernetes.status import failure
from api.server.gathered_writes import GatheredWrites

_log = logging.getLogger(__name__)


class BoundedHttpProtocol(HttpToolsProtocol):
    """Refuses a request whose head grows beyond `largest_head` bytes, and lets go of a
    connection whose request has not arrived as a whole `arrives_within` seconds after it was
    opened or the request began. What is refused here is answered with a Status document too."""

    largest_head = 64 * 1024
    arrives_within = 30.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head = 0  # bytes that led neither to a body nor to the end of a request
        self._arrived = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """A request is expected from now on."""
        super().connection_made(GatheredWrites(transport, self.loop))
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        self._forget_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a part of a request, or several requests."""
        self._head += len(data)
        self._arrived = False
        super().data_received(data)
        if self._head > self.largest_head:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the head is too large")
        elif not self._arrived and self._deadline is None:
            self._await_request()

    def on_body(self, body: bytes) -> None:
        """A part of a body has arrived."""
        self._head = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request has arrived as a whole."""
        self._head = 0
        self._arrived = True
        self._forget_deadline()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Called for bytes that are no HTTP."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: to ask for another protocol is an offer, and it is not taken."""

    def _await_request(self) -> None:
        self._deadline = self.loop.call_later(self.arrives_within, self._give_up)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self.pipeline:
            return  # it is not read on purpose, as those before it are not answered yet
        if self.scope is None:
            self.transport.close()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "the request did not arrive in time")

    def _may_answer(self) -> bool:
        """Whether no answer to an earlier request would be cut in two."""
        newest: RequestResponseCycle | None = self.cycle
        if newest is None or newest.response_complete:
            return True
        return not self.pipeline and not newest.response_started

    def _refuse(self, code: HTTPStatus, message: str) -> None:
        if self.transport.is_closing():
            return
        if self._may_answer():
            body = encode(failure(code, _reason(code), message))
            head = b"content-type: application/json\r\nconnection: close\r\n"
            length = b"content-length: %d\r\n\r\n" % len(body)
            self.transport.write(STATUS_LINE[code] + head + length + body)
        _log.info("a request was refused on the wire", extra={"reason": message})
        self.transport.close()


def _reason(code: HTTPStatus) -> str:
    return code.phrase.title().replace(" ", "")
