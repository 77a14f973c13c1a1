"""HTTP/1.1 on the wire, with bounds. uvicorn sets none on what comes before an application is
asked, and everybody who reaches the port could use that, every lab on this machine among them."""

import asyncio
import sys
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.server.connections import Connections
from api.server.deadline import Deadline, Idleness
from api.server.exchange import arrived, exchange_over, is_open, leave, take_in
from api.server.gathered_writes import GatheredWrites
from api.server.holding_flow import HoldingFlow
from api.server.request_framing import RequestFraming
from api.server.request_head import check_head, too_many_headers
from api.server.serving import Serving
from api.server.wire_refusals import RefusedOnTheWire, not_http

_PARTS_A_TURN = 512  # of bodies, about a millisecond's work


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection. Its next request is looked at when the one before is answered; what came
    early is held, and the socket is not read meanwhile.

    Refused, with a Status document: heads beyond `largest_head` bytes, `most_headers` headers or
    `most_parameters` query parameters, bodies whose chunks take as many bytes besides what they
    bring, and requests that have not arrived as a whole `arrives_within` seconds after they
    began. Closed: after `most_dropped` bytes of a body whose request is answered already, and
    for good, a peer that takes none of its answer for `accepts_within` seconds.
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
        self._arrival = Deadline(self.loop, self.arrives_within, self._give_up)
        self._acceptance = Deadline(self.loop, self.accepts_within, self._abandon)
        idle, over = self.timeout_keep_alive, self.timeout_keep_alive_handler
        self._idleness = Idleness(self.loop, idle, over)
        self._serving = Serving(self.loop, self.app, self.tasks)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """A request is expected from now on."""
        gathered = GatheredWrites(transport, self.loop, closes_within=self.closes_within)
        super().connection_made(gathered)
        self._gathered = gathered
        self.flow = self._flow = HoldingFlow(gathered)
        self._connections.rest(self)
        self._arrival.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        self._arrival.meet()
        self._acceptance.meet()
        self._idleness.stop()
        self._serving.end()
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
        self._idleness.end()
        if self._finished:
            self._drop(data)  # it may not have seen yet that it is refused
        elif self._held:
            self._held += data  # it was on its way when reading was paused
        else:
            self._take_in(data)

    def pause_writing(self) -> None:
        """The peer takes no more for now."""
        super().pause_writing()
        self._acceptance.set()
        self._connections.rest(self)

    def resume_writing(self) -> None:
        """The peer has taken most of what was sent."""
        self._acceptance.meet()
        super().resume_writing()
        self._tell_if_at_work()

    def on_message_begin(self) -> None:
        """A request begins."""
        if self._is_busy():  # only chunks do not say beforehand where they end
            early = "nothing may follow an unanswered upload"
            raise RefusedOnTheWire(HTTPStatus.BAD_REQUEST, early)
        self._framing.begin()
        self._dropped = 0
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header has arrived. They are counted as they come: each costs the same work."""
        headers = self.headers
        headers.append((name.lower(), value))
        if len(headers) > self.most_headers:
            raise too_many_headers(self.most_headers)

    def on_headers_complete(self) -> None:
        """The head has arrived: the application is asked."""
        headers = self.headers
        named = dict(headers)
        version = self.parser.get_http_version
        check_head(self.url, headers, named, version, most_parameters=self.most_parameters)
        self.headers = []  # what follows a body changes nothing: who asks has been judged
        self._framing.enter_body(named)
        self.cycle = exchange = exchange_over(self, headers, named)
        self._serving.begin(exchange)

    def on_body(self, body: bytes) -> None:
        """A part of a body has arrived."""
        self._framing.body_arrived(len(body))
        if not self.cycle.response_complete:
            take_in(self.cycle, body)
            return
        self._dropped += len(body)
        if self._dropped > self.most_dropped:
            late = "a body went on after its answer"
            raise RefusedOnTheWire(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, late)

    def on_message_complete(self) -> None:
        """A request has arrived as a whole."""
        self._framing.complete()
        self._arrival.meet()
        self._tell_if_at_work()
        arrived(self.cycle)

    def on_response_complete(self) -> None:
        """An answer is given: the next request has its turn."""
        self._connections.rest(self)
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self._idleness.begin()
        if self._held:
            self.loop.call_soon(self._go_on)

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: to ask for another protocol is an offer, and it is not taken."""

    def _tell_if_at_work(self) -> None:
        """Else it is idle already: answered early, or waiting for a peer that does not read."""
        if self._is_busy() and not self._flow.write_paused:
            self._connections.wake(self)

    def _is_busy(self) -> bool:
        """Whether a request has arrived and is not answered yet."""
        return self._framing.arrived and is_open(self.cycle)

    def _take_in(self, data: bytes) -> None:
        framing = self._framing
        framing.parts = 0
        place, end = 0, len(data)
        while place < end:
            if framing.arrived and self._is_busy():
                self._hold(data[place:])
                return
            if framing.parts > _PARTS_A_TURN:
                self._hold(data[place:])
                self.loop.call_soon(self._go_on)
                return
            stop = framing.advance(data, place)
            if framing.counted > self.largest_head:
                self._refuse(framing.excess(self.largest_head))
                return
            self._parse(data if stop - place == end else data[place:stop])
            place = stop
            if self._finished or (place < end and self.transport.is_closing()):
                return
        if not self._is_busy() and not self.transport.is_closing():
            self._arrival.set()

    def _parse(self, piece: bytes) -> None:
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._unsupported_upgrade_warning()
        except httptools.HttpParserError as error:
            raised = error.__context__  # by a callback
            self._refuse(raised if isinstance(raised, RefusedOnTheWire) else not_http())

    def _drop(self, data: bytes) -> None:
        self._dropped += len(data)
        if self._dropped > self.most_dropped:
            self.transport.abort()

    def _hold(self, early: bytes) -> None:
        self._held = early
        self._flow.hold()

    def _go_on(self) -> None:
        held, self._held = self._held, b""
        if held and not self.transport.is_closing():
            self._flow.let_go()
            self.data_received(held)

    def _abandon(self) -> None:
        self._connections.report("a client that does not read its answers was let go")
        self.transport.abort()

    def _give_up(self) -> None:
        if self._framing.arrived or self.transport.is_closing():
            self.transport.close()
            return
        late = "the request did not arrive in time"
        self._refuse(RefusedOnTheWire(HTTPStatus.REQUEST_TIMEOUT, late))

    def _may_answer(self) -> bool:
        """Whether the request has no answer yet, and would cut none in two."""
        if is_open(self.cycle):
            return not self.cycle.response_started
        return not self._framing.in_body

    def _refuse(self, refusal: RefusedOnTheWire) -> None:
        if self._may_answer():
            self.transport.write(refusal.answer())
        self._connections.report("a request was refused on the wire", reason=str(refusal))
        self._end()

    def _end(self) -> None:
        """Say nothing more, nor take in anything."""
        self._finished = True
        self._dropped = 0
        self._arrival.meet()
        leave(self.cycle)
        self._flow.let_go()
        self._gathered.finish()
