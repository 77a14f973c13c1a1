"""Answers as they stand on the wire, the usual ones and those that go uvicorn's way."""

import asyncio
import logging
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from api.server.exchange import Exchange

JSON = (b"content-type", b"application/json")


class Wire(asyncio.Transport):
    """Remembers what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


class Answered:
    """One exchange and what came of it."""

    def __init__(self, method: str = "POST", *, keep_alive: bool = True) -> None:
        self.wire = Wire()
        self.completed = 0
        scope: Any = {"type": "http", "method": method}
        log = logging.getLogger(__name__)
        self.exchange = Exchange(
            scope=scope,
            transport=self.wire,
            flow=FlowControl(self.wire),
            logger=log,
            access_logger=log,
            access_log=False,
            default_headers=[(b"date", b"today")],
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=keep_alive,
            on_response=self._complete,
        )

    def _complete(self) -> None:
        self.completed += 1

    async def start(self, *headers: tuple[bytes, bytes]) -> None:
        start = {"type": "http.response.start", "status": 201, "headers": headers}
        await self.exchange.send(start)

    async def body(self, body: bytes, *, more: bool = False) -> None:
        message = {"type": "http.response.body", "body": body, "more_body": more}
        await self.exchange.send(message)


async def test_a_usual_answer_is_head_and_body() -> None:
    answered = Answered()
    await answered.start((b"content-length", b"2"), JSON, (b"x-correlation-id", b"a b\tc"))
    await answered.body(b"{}")
    assert answered.wire.written == (
        b"HTTP/1.1 201 Created\r\ndate: today\r\ncontent-length: 2\r\n"
        b"content-type: application/json\r\nx-correlation-id: a b\tc\r\n\r\n{}"
    )
    assert (answered.completed, answered.wire.closed) == (1, False)


async def test_a_body_that_comes_in_parts_is_as_long_as_was_said() -> None:
    answered = Answered()
    await answered.start((b"content-length", b"4"))
    await answered.body(b"{ ", more=True)
    await answered.body(b" }")
    assert answered.wire.written.endswith(b"\r\n\r\n{  }")
    assert answered.completed == 1


@pytest.mark.parametrize("body", [b"", b"{", b"{}}"])
async def test_a_body_of_another_length_is_refused(body: bytes) -> None:
    answered = Answered()
    await answered.start((b"content-length", b"2"))
    with pytest.raises(RuntimeError, match="than Content-Length"):
        await answered.body(body)


@pytest.mark.parametrize("letter", [b"\r\n", b"\n", b"\0", b"\x7f", b"\x1b"])
async def test_a_header_never_holds_what_controls_something(letter: bytes) -> None:
    answered = Answered()
    with pytest.raises(RuntimeError, match="Invalid HTTP header value"):
        await answered.start(
            (b"content-length", b"2"), (b"x-correlation-id", b"a" + letter + b"set-cookie: b")
        )
    assert answered.wire.written == b""


async def test_a_length_that_nobody_said_makes_chunks() -> None:
    answered = Answered()
    await answered.start(JSON)
    await answered.body(b"{}")
    assert answered.wire.written.endswith(b"chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")


async def test_an_unusual_header_is_sent_too() -> None:
    answered = Answered()
    await answered.start((b"content-length", b"0"), (b"Retry-After", b"1"))
    await answered.body(b"")
    assert b"\r\nretry-after: 1\r\n" in answered.wire.written


async def test_a_head_is_answered_without_the_body() -> None:
    answered = Answered("HEAD")
    await answered.start((b"content-length", b"2"))
    await answered.body(b"{}")
    assert answered.wire.written.endswith(b"content-length: 2\r\n\r\n")
    assert answered.completed == 1


async def test_the_last_answer_of_a_connection_says_so_and_closes_it() -> None:
    answered = Answered(keep_alive=False)
    await answered.start((b"content-length", b"2"))
    await answered.body(b"{}")
    assert b"\r\nconnection: close\r\n" in answered.wire.written
    assert answered.wire.closed


async def test_a_connection_that_is_to_end_during_an_answer_ends_after_it() -> None:
    answered = Answered()
    await answered.start((b"content-length", b"2"))
    answered.exchange.keep_alive = False
    await answered.body(b"{}")
    assert answered.wire.written.endswith(b"{}")
    assert answered.wire.closed


async def test_an_answer_is_not_sent_to_a_client_that_is_gone() -> None:
    answered = Answered()
    answered.exchange.disconnected = True
    await answered.start((b"content-length", b"2"))
    await answered.body(b"{}")
    assert answered.wire.written == b""


async def test_a_second_answer_is_refused() -> None:
    answered = Answered()
    await answered.start((b"content-length", b"0"))
    await answered.body(b"")
    with pytest.raises(RuntimeError, match="already completed"):
        await answered.body(b"")
