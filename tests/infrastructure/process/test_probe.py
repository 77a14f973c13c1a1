"""What a lab answers costs no more than its status line, and who is no lab learns nothing."""

import asyncio
import gzip
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from infrastructure.process import peers
from infrastructure.process.doors import Door
from infrastructure.process.ports import LOOPBACK, free_port
from infrastructure.process.proc import Process, read_process
from infrastructure.process.readiness import Answer, HttpProbe
from infrastructure.process.workers import Workers
from infrastructure.templates.definition import Readiness

HEALTH = Readiness(path="/health")
PATIENT, HASTY = 10.0, 0.5
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: mine=secret; Path=/\r\n\r\nok"
Speak = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Lab:
    """A server that this very process is; `heard` is all that it was sent."""

    speak: Speak
    port: int = 0
    heard: bytearray = field(default_factory=bytearray)
    said: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heard += await reader.read(65_536)
            await self.speak(writer)
        except OSError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def served(speak: Speak) -> AsyncIterator[Lab]:
    lab = Lab(speak)
    server = await asyncio.start_server(lab.serve, LOOPBACK, 0)
    lab.port = server.sockets[0].getsockname()[1]
    try:
        yield lab
    finally:
        server.close()


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    made = Workers()
    yield made
    made.close()


@pytest.fixture
def probe(workers: Workers) -> HttpProbe:
    return HttpProbe(PATIENT, workers)


@pytest.fixture
def hasty(workers: Workers) -> HttpProbe:
    return HttpProbe(HASTY, workers)


def ourselves() -> Iterable[Process]:
    process = read_process(os.getpid())
    return [] if process is None else [process]


async def ask(probe: HttpProbe, port: int, processes: Callable[[], Iterable[Process]]) -> Answer:
    return await probe.ask(HEALTH, Door(port, processes), "the-token", slow=False)


def saying(content: bytes) -> Speak:
    async def speak(writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    return speak


async def test_a_lab_is_asked_with_its_token_and_for_nothing_packed(probe: HttpProbe) -> None:
    async with served(saying(OK)) as lab:
        assert (await ask(probe, lab.port, ourselves)).status == 200
    heard = bytes(lab.heard)
    assert heard.startswith(b"GET /health HTTP/1.1\r\n")
    assert b"Authorization: Bearer the-token\r\n" in heard
    assert b"Accept-Encoding: identity\r\n" in heard


async def test_a_question_carries_nothing_of_an_earlier_answer(probe: HttpProbe) -> None:
    async with served(saying(OK)) as lab, served(saying(OK)) as other:
        for each in (lab, other, lab):
            await ask(probe, each.port, ourselves)
    assert b"cookie" not in bytes(lab.heard + other.heard).lower()


async def test_a_stranger_at_the_port_is_told_nothing(probe: HttpProbe) -> None:
    async with served(saying(OK)) as thief:
        assert await ask(probe, thief.port, lambda: ()) == Answer(stranger=True)
        assert not await probe.is_the_labs(Door(thief.port, lambda: ()))
        assert await probe.is_the_labs(Door(thief.port, ourselves))
        await asyncio.sleep(0)
    assert bytes(thief.heard) == b""


async def test_a_thief_that_takes_a_connection_and_gives_up_the_port_is_still_a_stranger(
    probe: HttpProbe,
) -> None:
    """The proof is of the connection, not of who listens now."""
    port = free_port()
    script = (
        "import socket, sys, time\n"
        f"s = socket.create_server(('127.0.0.1', {port})); print('up', flush=True)\n"
        "c, _ = s.accept(); s.close(); sys.stdout.write(repr(c.recv(100))); sys.stdout.flush()\n"
    )
    thief = await asyncio.create_subprocess_exec(
        "/usr/bin/env", "python3", "-c", script, stdout=asyncio.subprocess.PIPE
    )
    assert thief.stdout is not None
    await thief.stdout.readline()
    answer = await ask(probe, port, ourselves)
    assert answer.stranger
    assert await asyncio.wait_for(thief.stdout.read(), 20) == b"b''"
    await thief.wait()


async def test_a_listener_that_takes_no_connection_is_sent_nothing(hasty: HttpProbe) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        answer = await ask(hasty, server.getsockname()[1], ourselves)
        assert (answer.status, answer.stranger, answer.slow) == (0, False, True)
        taken, _ = server.accept()
        with taken:
            taken.setblocking(False)
            assert taken.recv(100) == b""


async def test_a_port_without_a_listener_has_no_status(probe: HttpProbe) -> None:
    assert (await ask(probe, free_port(), ourselves)).status == 0


@pytest.mark.parametrize("kind", ["stream", "bomb"])
async def test_an_answer_without_end_is_not_read(probe: HttpProbe, kind: str) -> None:
    said = 0

    async def speak(writer: asyncio.StreamWriter) -> None:
        nonlocal said
        piece = gzip.compress(bytes(1 << 24)) if kind == "bomb" else bytes(1 << 20)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        for _ in range(1_000):
            writer.write(piece)
            await writer.drain()
            said += len(piece)

    async with served(speak) as lab:
        assert (await ask(probe, lab.port, ourselves)).status == 200
    assert said < 32 * 1024 * 1024  # what the kernel keeps for both ends; nobody reads more


@pytest.mark.parametrize(
    "begun", [b"HTTP/1.1 2", b"", b"HTTP/1.1 \xc2\xb2\xc2\xb2\xc2\xb2 OK\r\n", b"x" * 100_000]
)
async def test_an_answer_without_a_status_in_time_has_none(hasty: HttpProbe, begun: bytes) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(begun)
        for _ in range(100):
            await asyncio.sleep(HASTY / 5)
            writer.write(b"0")
            await writer.drain()

    begin = asyncio.get_running_loop().time()
    async with served(drip) as lab:
        assert (await ask(hasty, lab.port, ourselves)).status == 0
    assert asyncio.get_running_loop().time() - begin < 20 * HASTY


async def test_a_head_that_drips_is_an_answer_and_a_redirect_leads_nowhere(
    probe: HttpProbe,
) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n")
        for _ in range(100):
            await asyncio.sleep(HASTY / 5)
            writer.write(b"X-More: of it\r\n")
            await writer.drain()

    async with served(drip) as lab:
        assert (await ask(probe, lab.port, ourselves)).status == 302


async def test_labs_known_to_be_slow_never_take_the_place_of_others(probe: HttpProbe) -> None:
    async def silence(_: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with served(silence) as slow, served(saying(OK)) as quick:
        door = Door(slow.port, ourselves)
        waiting = [asyncio.create_task(probe.ask(HEALTH, door, "t", slow=True)) for _ in range(60)]
        await asyncio.sleep(0)
        async with asyncio.timeout(PATIENT - 1):  # the first of them is given up later
            assert (await ask(probe, quick.port, ourselves)).status == 200
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def test_both_ways_to_ask_the_kernel_say_the_same() -> None:
    with (
        socket.create_server((LOOPBACK, 0)) as server,
        socket.create_connection(server.getsockname()) as link,
    ):
        ends = server.getsockname()[1], link.getsockname()[1]
        assert peers._asked(*ends) == peers._looked_up(*ends) == 0
        taken, _ = server.accept()
        with taken:
            inode = peers.inode_of(*ends)
            assert peers._asked(*ends) == peers._looked_up(*ends) == inode
            assert peers.holder(inode, [os.getpid()]) == os.getpid()
            assert peers.holder(inode, [1, os.getpid()]) == os.getpid()
        assert peers.holder(inode + 1, [os.getpid()]) == 0


async def test_a_status_line_without_end_is_given_up_after_a_kilobyte(probe: HttpProbe) -> None:
    async def speak(writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * 4096)
        await writer.drain()
        await asyncio.sleep(60)

    async with served(speak) as lab, asyncio.timeout(PATIENT / 2):
        assert (await ask(probe, lab.port, ourselves)).status == 0
