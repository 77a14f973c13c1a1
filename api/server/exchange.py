"""One request and its answer, as uvicorn has them; the usual ones without its detours."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

_USUAL = frozenset({b"content-type", b"content-length", b"x-correlation-id", b"date"})
_IN_A_LINE = bytes(letter for letter in range(256) if letter == 9 or 32 <= letter != 127)


class Exchange(RequestResponseCycle):
    """As uvicorn's. An answer with the usual headers, whose body is as long as they say and comes
    as a whole, is written in few steps; whatever else is sent or received goes uvicorn's way."""

    # For speed, decision 4.

    async def send(self, message: Any) -> None:
        """Send a part of the answer, or nothing to a client that is gone."""
        if self.disconnected or self.flow.write_paused:
            await super().send(message)
        elif not self.response_started and self.keep_alive:
            if not self._started(message):
                await super().send(message)
        elif self.response_complete or not self._completed(message):
            await super().send(message)

    async def receive(self) -> Any:
        """What has come of the body, as soon as there is something, or that the client is gone."""
        over = self.disconnected or self.response_complete
        if over or self.waiting_for_100_continue or not self.message_event.is_set():
            return await super().receive()
        self.flow.resume_reading()
        self.message_event.clear()
        body, self.body = bytes(self.body), bytearray()
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    def _started(self, message: Any) -> bool:
        """Write the head, if it is a usual one."""
        if message["type"] != "http.response.start":
            return False
        headers = [*self.default_headers, *message["headers"]]
        lengths = [value for name, value in headers if name == b"content-length"]
        head = _head(message["status"], headers)
        if head is None or len(lengths) != 1:
            return False
        self.response_started = True
        self.waiting_for_100_continue = False
        self.chunked_encoding = False
        self.expected_content_length = int(lengths[0])
        self.transport.write(head)
        return True

    def _completed(self, message: Any) -> bool:
        """Write the body, if it comes as a whole and as long as was said."""
        body = message.get("body", b"")
        if (
            self.chunked_encoding is not False
            or message.get("more_body")
            or len(body) != self.expected_content_length
            or self.scope["method"] == "HEAD"
        ):
            return False
        self.transport.write(body)
        self.expected_content_length = 0
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
        return True


def exchange_over(
    connection: HttpToolsProtocol,
    headers: list[tuple[bytes, bytes]],
    named: Mapping[bytes, bytes],
) -> Exchange:
    """What the application is asked, once the connection has received the head. `named`: the same
    headers, the last of each name. Raises httptools' errors and UnicodeDecodeError for a target
    that is none."""
    parser = connection.parser
    version = parser.get_http_version()
    scope: Any = {
        **_scope(connection.url),
        "http_version": version,
        "method": parser.get_method().decode("ascii"),
        "server": connection.server,
        "client": connection.client,
        "scheme": connection.scheme,
        "headers": headers,
        "state": connection.app_state.copy(),
    }
    connection.scope = scope
    return Exchange(
        scope=scope,
        transport=connection.transport,
        flow=connection.flow,
        logger=connection.logger,
        access_logger=connection.access_logger,
        access_log=False,
        default_headers=connection.server_state.default_headers,
        message_event=asyncio.Event(),
        expect_100_continue=named.get(b"expect", b"").lower() == b"100-continue",
        keep_alive=version != "1.0" and parser.should_keep_alive(),
        on_response=connection.on_response_complete,
    )


def is_open(exchange: RequestResponseCycle | None) -> bool:
    """Whether there is one that is not answered yet."""
    return exchange is not None and not exchange.response_complete


def arrived(exchange: RequestResponseCycle) -> None:
    """Its request has arrived as a whole. Nothing to one that is answered."""
    if not exchange.response_complete:
        exchange.more_body = False
        exchange.message_event.set()


def leave(exchange: RequestResponseCycle | None) -> None:
    """Nobody waits for its answer any more. Nothing to one that is answered."""
    if exchange is not None and is_open(exchange):
        exchange.disconnected = True
        exchange.message_event.set()


def take_in(exchange: RequestResponseCycle, body: bytes) -> None:
    """Keep a part of the body; too much that nobody has asked for yet stops the reading."""
    exchange.body += body
    if len(exchange.body) > HIGH_WATER_LIMIT:
        exchange.flow.pause_reading()
    exchange.message_event.set()


def _scope(url: bytes) -> dict[str, Any]:
    target = httptools.parse_url(url)
    path = target.path.decode("ascii")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "root_path": "",
        "path": unquote(path) if "%" in path else path,
        "raw_path": target.path,
        "query_string": target.query or b"",
    }


def _head(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """The answer's head as it is sent; None when it is not usual, or not fit to be sent."""
    parts, ends = [STATUS_LINE[status]], b"\r\n\r\n"
    for name, value in headers:
        if name not in _USUAL:
            return None
        parts += (name, b": ", value, b"\r\n")
        ends += b"\r\n"
    parts.append(b"\r\n")
    head = b"".join(parts)
    # Whatever controls a terminal or ends a line stands where it was put here, or nowhere.
    return head if head.translate(None, _IN_A_LINE) == ends else None
