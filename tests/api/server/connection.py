"""A small application behind connections that wait as long as a test may, and how to speak to
it in bytes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.server.http_protocol import BoundedHttpProtocol

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
LAST = b"Connection: close\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


class Impatient(BoundedHttpProtocol):
    """Waits as long as a test may."""

    arrives_within = 0.2
    accepts_within = 0.2
    closes_within = 0.2


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers by path: much, the names of the headers, at once, or how long the body was."""
    if scope["path"] == "/large":
        await Response(b"x" * 50_000_000)(scope, receive, send)
        return
    if scope["path"] == "/endless":
        await StreamingResponse(_endless())(scope, receive, send)
        return
    if scope["path"] == "/headers":
        await asyncio.sleep(0.05)
        names = b",".join(sorted(name for name, _ in scope["headers"]))
        await Response(names)(scope, receive, send)
        return
    if scope["path"] == "/early":
        await Response(b"early")(scope, receive, send)
        return
    try:
        body = await Request(scope, receive).body()
    except ClientDisconnect:
        return
    await Response(b"%d bytes" % len(body))(scope, receive, send)


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 100_000
        await asyncio.sleep(0)


def post(path: str, *lines: bytes) -> bytes:
    """The head of a POST."""
    return b"POST %b HTTP/1.1\r\nHost: x\r\n%b\r\n" % (path.encode(), b"".join(lines))


async def said(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """All that is answered until the service closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = asyncio.create_task(heard(reader))
    try:
        async with asyncio.timeout(5):
            for part in parts:
                if answer.done():
                    break
                writer.write(part)
                await asyncio.sleep(pause)
            return await answer
    finally:
        writer.close()


async def heard(reader: asyncio.StreamReader) -> bytes:
    """All that arrives. A part sent after the service has closed resets the connection, which
    takes nothing back of what arrived before."""
    arrived = b""
    with suppress(ConnectionError):
        while some := await reader.read(65536):
            arrived += some
    return arrived


def status(answer: bytes) -> dict[str, Any]:
    """The Status document that was answered."""
    document: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return document
