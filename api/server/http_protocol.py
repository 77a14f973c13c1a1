"""HTTP/1.1 on the wire, with bounds. uvicorn sets none on what comes before an application is
asked, and everybody who reaches the port could use that, every lab on this machine among them."""

import asyncio
import sys
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from api.http.encoding import encode
from api.kubernetes.status import failure
from api.server.connections import Connections
from api.server.deadline import Deadline
from api.server.gathered_writes import GatheredWrites
from api.server.request_framing import RequestFraming


class RefusedOnTheWire(Exception):
    """A request that is not given to the application; the text is for its sender."""

    def __init__(self, code: HTTPStatus, message: str) -> None:
        self.code = code
        super().__init__(message)


class _HoldingFlow(FlowControl):
    """Reads nothing more while bytes that came too early are held."""

    holding = False

    def resume_reading(self) -> None:
        """Read on, unless bytes are held."""
        if not self.holding:
            super().resume_reading()


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection. Its next request is looked at when the one before is answered; what came
    early is held, and the socket is not read meanwhile.

    Refused, with a Status document: heads beyond `largest_head` bytes, `most_headers` headers or
    `most_parameters` query parameters, and requests that have not arrived as a whole
    `arrives_within` seconds after they began. Closed for good: a peer that takes none of its
    answer for `accepts_within` seconds.
    """

    largest_head = 64 * 1024
    most_headers = 100
    most_parameters = 256
    arrives_within = 30.0
    accepts_within = 30.0
    closes_within = 5.0
    most_dropped = 1024 * 1024

    def __init__(self, *args: Any, connections: Connections | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._connections = connections or Connections(sys.maxsize)
        self._framing = RequestFraming()
        self._held = b""
        self._finished = False
        self._dropped = 0
        self._refusal: RefusedOnTheWire | None = None
        self._arrival = Deadline(self.loop, self.arrives_within, self._give_up)
        self._acceptance = Deadline(self.loop, self.accepts_within, self._abandon)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """A request is expected from now on."""
        gathered = GatheredWrites(transport, self.loop, closes_within=self.closes_within)
        super().connection_made(gathered)
        self._gathered = gathered
        self.flow = self._flow = _HoldingFlow(gathered)
        self._connections.rest(self)
        self._arrival.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        self._arrival.meet()
        self._acceptance.meet()
        self._held = b""
        self._gathered.closed()
        self._connections.wake(self)
        self._connections.leave()
        super().connection_lost(exc)

    def evict(self) -> None:
        """Close it at once: another needs the place."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take in a part of a request, or several requests."""
        self._unset_keepalive_if_required()
        if self._finished:
            self._drop(data)
        elif self._held:
            self._held += data  # it was on its way when reading was paused
        else:
            self._take_in(data)

    def pause_writing(self) -> None:
        """The peer takes no more for now."""
        super().pause_writing()
        self._acceptance.set()

    def resume_writing(self) -> None:
        """The peer has taken most of what was sent."""
        self._acceptance.meet()
        super().resume_writing()

    def on_message_begin(self) -> None:
        """A request begins."""
        if self._framing.chunked and self._is_busy():
            raise self._refused(HTTPStatus.BAD_REQUEST, "nothing may follow an unanswered upload")
        self._framing.begin()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header has arrived. What follows a body changes nothing: who asks has been judged."""
        if self._framing.in_body:
            return
        if len(self.headers) == self.most_headers:
            excess = f"the head has more than {self.most_headers} headers"
            raise self._refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, excess)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head has arrived: the application is asked."""
        if self.url.count(b"&") >= self.most_parameters:
            excess = f"the query has more than {self.most_parameters} parameters"
            raise self._refused(HTTPStatus.REQUEST_URI_TOO_LONG, excess)
        self._framing.enter_body(self.headers)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of a body has arrived."""
        self._framing.body_arrived(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request has arrived as a whole."""
        self._framing.complete()
        self._arrival.meet()
        if not self.cycle.response_complete:  # else answered early: it is idle already
            self._connections.wake(self)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is given: the next request has its turn."""
        self._connections.rest(self)
        super().on_response_complete()
        if self._held:
            self.loop.call_soon(self._go_on)

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: to ask for another protocol is an offer, and it is not taken."""

    def _is_busy(self) -> bool:
        """Whether a request has arrived and is not answered yet."""
        newest: RequestResponseCycle | None = self.cycle
        return self._framing.arrived and newest is not None and not newest.response_complete

    def _take_in(self, data: bytes) -> None:
        place, end = 0, len(data)
        while place < end and not (self._finished or self.transport.is_closing()):
            if self._is_busy():
                self._hold(data[place:])
                return
            stop = self._framing.stop(data, place)
            piece = data if stop - place == end else data[place:stop]
            place = stop
            if self._framing.count(piece) > self.largest_head:
                excess = f"the head is larger than {self.largest_head} bytes"
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, excess)
            else:
                self._parse(piece)
        if not (self._finished or self._is_busy() or self.transport.is_closing()):
            self._arrival.set()

    def _parse(self, piece: bytes) -> None:
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._unsupported_upgrade_warning()
        except httptools.HttpParserError:
            refusal = self._refusal
            if refusal is None:
                refusal = RefusedOnTheWire(
                    HTTPStatus.BAD_REQUEST, "Invalid HTTP request received."
                )
            self._refuse(refusal.code, str(refusal))

    def _drop(self, data: bytes) -> None:
        """It is refused already, and may not have seen that yet."""
        self._dropped += len(data)
        if self._dropped > self.most_dropped:
            self.transport.abort()

    def _hold(self, early: bytes) -> None:
        self._held = early
        self._flow.pause_reading()
        self._flow.holding = True

    def _go_on(self) -> None:
        held, self._held = self._held, b""
        self._flow.holding = False
        if held and not self.transport.is_closing():
            self._flow.resume_reading()
            self.data_received(held)

    def _abandon(self) -> None:
        self._connections.report("a client that does not read its answers was let go")
        self.transport.abort()

    def _give_up(self) -> None:
        if self._framing.arrived:
            self.transport.close()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "the request did not arrive in time")

    def _may_answer(self) -> bool:
        """Whether no answer to an earlier request would be cut in two."""
        newest: RequestResponseCycle | None = self.cycle
        if newest is None or newest.response_complete:
            return True
        return not self.pipeline and not newest.response_started

    def _refused(self, code: HTTPStatus, message: str) -> RefusedOnTheWire:
        """What is raised in the parser, which answers its caller no more than that it failed."""
        self._refusal = RefusedOnTheWire(code, message)
        return self._refusal

    def _refuse(self, code: HTTPStatus, message: str) -> None:
        if self._finished or self.transport.is_closing():
            return
        if self._may_answer():
            body = encode(failure(code, code.phrase.title().replace(" ", ""), message))
            head = b"content-type: application/json\r\nconnection: close\r\n"
            length = b"content-length: %d\r\n\r\n" % len(body)
            self.transport.write(STATUS_LINE[code] + head + length + body)
        self._connections.report("a request was refused on the wire", reason=message)
        self._finished = True
        self._arrival.meet()
        self._gathered.finish()
