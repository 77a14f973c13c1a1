"""How long a peer may take for its request, and for its answer."""

import asyncio
from contextlib import closing, suppress

import pytest
from uvicorn.server import ServerState

from api.server.connections import Connections
from tests.api.server.connection import GET, Impatient, heard, post, said, status


@pytest.mark.parametrize("begun", [b"GET / HT", GET, post("/", b"Content-Length: 9\r\n") + b"ab"])
async def test_a_request_that_stops_half_way_is_told_so_and_let_go(
    port: int, begun: bytes
) -> None:
    answer = await said(port, begun)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert status(answer)["code"] == 408


async def test_a_request_in_drips_has_no_more_time_than_any_other(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = asyncio.create_task(heard(reader))
    drips = 0
    with closing(writer):
        writer.write(GET)
        while not answer.done() and drips < 90:
            writer.write(b"X-%d: 1\r\n" % drips)
            drips += 1
            await asyncio.sleep(0.04)
        assert drips < 90
        assert (await answer).startswith(b"HTTP/1.1 408 ")


class Lingering(Impatient):
    """Waits long for a peer to close."""

    closes_within = 60.0


@pytest.mark.parametrize("protocol", [Lingering])
async def test_an_application_that_waits_for_a_refused_body_is_let_go_at_once(
    port: int, state: ServerState
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with closing(writer):
        writer.write(post("/", b"Content-Length: 9\r\n") + b"ab")
        assert (await heard(reader)).startswith(b"HTTP/1.1 408 ")
        async with asyncio.timeout(10):
            while state.tasks:
                await asyncio.sleep(0.01)
        assert state.connections  # it lingers, and nobody waits for it


async def test_a_second_request_that_stops_half_way_is_let_go_too(port: int) -> None:
    answer = await said(port, GET + b"\r\n", GET, pause=0.05)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"HTTP/1.1 408 " in answer


async def test_a_connection_without_a_request_is_closed_without_a_word(port: int) -> None:
    assert await said(port) == b""


class Patient(Impatient):
    """Waits for peers longer than a test, and tries for their place when they read again."""

    accepts_within = 60.0
    asked = 0
    given_up = True

    def on_message_complete(self) -> None:
        super().on_message_complete()
        type(self).asked += 1

    def resume_writing(self) -> None:
        super().resume_writing()
        type(self).given_up = self._connections.admit()


@pytest.mark.parametrize("protocol", [Patient])
@pytest.mark.parametrize(
    "sent",
    [b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 2, b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n"],
    ids=["many", "endless"],
)
async def test_a_peer_that_takes_no_answer_makes_room_for_another(
    port: int, places: Connections, sent: bytes
) -> None:
    assert places.admit()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    asked = Patient.asked
    writer.write(sent)
    async with asyncio.timeout(10):
        while Patient.asked < asked + sent.count(b"GET"):
            await asyncio.sleep(0.01)
        while not places.admit():
            await asyncio.sleep(0.01)
        with suppress(ConnectionError):
            while await reader.read(1_000_000):
                pass
    writer.transport.abort()


@pytest.mark.parametrize("protocol", [Patient])
async def test_a_peer_that_reads_again_while_it_is_answered_keeps_its_place(
    port: int, places: Connections
) -> None:
    assert places.admit()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
    taken = 0
    async with asyncio.timeout(30):
        while taken < 60_000_000:
            taken += len(await reader.read(1_000_000))
    assert not Patient.given_up
    writer.transport.abort()


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
