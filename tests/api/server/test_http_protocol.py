"""What clients may send before an application is asked: on a real connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from typing import Any

import pytest
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from api.server.connections import Connections
from api.server.http_protocol import BoundedHttpProtocol

_GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
_LAST = b"Connection: close\r\n\r\n"


class Impatient(BoundedHttpProtocol):
    """Waits as long as a test may."""

    arrives_within = 0.2
    accepts_within = 0.2
    closes_within = 0.2


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/large":
        await Response(b"x" * 50_000_000)(scope, receive, send)
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


@pytest.fixture
def places() -> Connections:
    return Connections(1)


@pytest.fixture
async def port(places: Connections) -> AsyncIterator[int]:
    config = uvicorn.Config(_echo, lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()

    def connection() -> Impatient:
        return Impatient(config, state, {}, connections=places)

    server = await loop.create_server(connection, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for open_still in tuple(state.connections):
        open_still.transport.abort()
    await server.wait_closed()


async def _said(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """All that is answered until the service closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = asyncio.create_task(_heard(reader))
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


async def _heard(reader: asyncio.StreamReader) -> bytes:
    """All that arrives. A part sent after the service has closed resets the connection, which
    takes nothing back of what arrived before."""
    heard = b""
    with suppress(ConnectionResetError):
        while some := await reader.read(65536):
            heard += some
    return heard


def _status(answer: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return document


async def test_a_head_that_does_not_end_is_refused_before_it_fills_the_memory(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_GET + b"X-Long: ")
    sent = 0
    with suppress(ConnectionError):
        async with asyncio.timeout(5):
            while sent < 64 * 1024 * 1024:
                writer.write(b"a" * 65536)
                await writer.drain()
                sent += 65536
    writer.close()
    assert sent < 32 * 1024 * 1024  # what the system holds on the way is not ours


async def test_many_headers_are_refused_with_a_status(port: int) -> None:
    answer = await _said(port, _GET, b"X-Many: 1\r\n" * 6_400)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert _status(answer)["code"] == 431


async def test_large_heads_and_bodies_within_the_limits_are_taken(port: int) -> None:
    head = (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nX: " + b"a" * 40_000 + b"\r\n"
    )
    answer = await _said(port, head, _LAST, b"a" * 400_000, b"a" * 600_000)
    assert answer.endswith(b"1000000 bytes")


async def test_requests_that_arrive_at_once_are_all_answered(port: int) -> None:
    answer = await _said(port, (_GET + b"\r\n") * 3 + _GET + _LAST)
    assert answer.count(b"HTTP/1.1 200 OK") == 4


@pytest.mark.parametrize(
    "begun", [b"GET / HT", _GET, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"]
)
async def test_a_request_that_stops_half_way_is_told_so_and_let_go(
    port: int, begun: bytes
) -> None:
    answer = await _said(port, begun)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert _status(answer)["code"] == 408


async def test_a_request_in_drips_has_no_more_time_than_any_other(port: int) -> None:
    drips = [_GET, *(b"X-%d: 1\r\n" % number for number in range(30))]
    assert (await _said(port, *drips, pause=0.02)).startswith(b"HTTP/1.1 408 ")


async def test_a_second_request_that_stops_half_way_is_let_go_too(port: int) -> None:
    answer = await _said(port, _GET + b"\r\n", _GET, pause=0.05)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"HTTP/1.1 408 " in answer


async def test_a_connection_without_a_request_is_closed_without_a_word(port: int) -> None:
    assert await _said(port) == b""


_EARLY = b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"


@pytest.mark.parametrize(
    ("request_", "late"), [(_EARLY, b"x"), (_GET + b"\r\n", b"\r\n")], ids=["body", "empty line"]
)
async def test_a_connection_on_which_something_came_late_is_closed_without_a_word(
    port: int, request_: bytes, late: bytes
) -> None:
    answer = await _said(port, request_, late, pause=0.05)
    assert answer.count(b"HTTP/1.1 ") == 1


async def test_a_body_that_comes_after_its_answer_takes_no_place_for_good(
    port: int, places: Connections
) -> None:
    assert places.admit()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with closing(writer):
        writer.write(_EARLY)
        await reader.readuntil(b"early")
        writer.write(b"x")
        await asyncio.sleep(0.05)
        assert places.admit()  # the connection is idle, and makes room
        assert await _heard(reader) == b""


async def test_bytes_that_are_no_http_are_refused_with_a_status(port: int) -> None:
    answer = await _said(port, b"\x16\x03\x01\x02\x00")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert _status(answer)["reason"] == "BadRequest"


async def test_an_offer_of_another_protocol_is_not_taken_and_harms_nothing(port: int) -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"
    answer = await _said(port, _GET + offer, _GET + _LAST, pause=0.05)
    assert answer.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize("pieces", [1, 2, 7])
async def test_a_head_is_counted_to_the_byte(port: int, pieces: int) -> None:
    def of(size: int) -> list[bytes]:
        whole = _GET + b"X: " + b"a" * (size - len(_GET) - len(_LAST) - 5) + b"\r\n" + _LAST
        assert len(whole) == size
        step = -(-len(whole) // pieces)
        return [whole[at : at + step] for at in range(0, len(whole), step)]

    assert (await _said(port, *of(65_536), pause=0.01)).startswith(b"HTTP/1.1 200 ")
    assert (await _said(port, *of(65_537), pause=0.01)).startswith(b"HTTP/1.1 431 ")


async def test_headers_and_parameters_are_numbered(port: int) -> None:
    answer = await _said(port, _GET, b"X: 1\r\n" * 101, b"\r\n")
    assert _status(answer)["code"] == 431
    answer = await _said(port, b"GET /?" + b"a&" * 300 + b" HTTP/1.1\r\nHost: x\r\n" + _LAST)
    assert _status(answer)["code"] == 414


async def test_a_trailer_changes_no_header(port: int) -> None:
    head = b"POST /headers HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + _LAST
    answer = await _said(port, head + b"1\r\na\r\n0\r\nAuthorization: Bearer x\r\n\r\n")
    assert answer.endswith(b"\r\n\r\nconnection,transfer-encoding")


async def test_the_next_request_is_not_looked_at_before_its_turn(port: int) -> None:
    slow = b"GET /headers HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await _said(port, slow * 3 + b"nonsense\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert b"HTTP/1.1 400 " in answer


async def test_a_peer_that_does_not_read_is_closed_for_good(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.sleep(1)  # it reads nothing meanwhile
    taken = 0
    with suppress(ConnectionError):
        async with asyncio.timeout(30):
            while part := await reader.read(1_000_000):
                taken += len(part)
    writer.transport.abort()
    assert taken < 50_000_000
