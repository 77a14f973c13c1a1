"""Connections, pipelines and answers that nobody reads: most of it without a token."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence

import httpx
import pytest

from tests.hostile_peer.vigil import head, spoken, status_of, vigil
from tests.scenarios.service import LABS, Service, create, eventually

_ANYWHERE = b"GET /apis/nothing/here HTTP/1.1\r\nHost: x\r\n\r\n"


@contextlib.contextmanager
def _deaf(port: int, number: int) -> Iterator[Sequence[socket.socket]]:
    """Connections that take nothing of what they are sent."""
    with contextlib.ExitStack() as stack:
        deaf = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in deaf:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            each.connect(("127.0.0.1", port))
            each.setblocking(False)
        yield deaf


async def _poured(sockets: Sequence[socket.socket], data: bytes, *, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        for each in sockets:
            with contextlib.suppress(BlockingIOError, ConnectionError):
                each.send(data)
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def _idle(port: int, number: int, begun: bytes = b"") -> AsyncIterator[None]:
    opened = []
    try:
        for _ in range(number):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            opened.append(writer)
            writer.write(begun)
        yield
    finally:
        for writer in opened:
            writer.transport.abort()


@pytest.mark.parametrize("known", [False, True], ids=["without a token", "with a token"])
async def test_pipelines_that_nobody_reads_cost_little(service: Service, known: bool) -> None:
    request = head("GET", LABS, token=service.token) if known else _ANYWHERE
    async with vigil(service):
        with _deaf(service.port, 60) as deaf:
            await _poured(deaf, request * 400, seconds=4)


@pytest.mark.parametrize("begun", [b"", b"GET /livez HTTP/1.1\r\nHost: x\r\n"])
async def test_idle_connections_keep_nobody_out(service: Service, begun: bytes) -> None:
    async with vigil(service), _idle(service.port, 1000, begun):
        async with service.client() as client:
            await create(client, f"in-a-crowd-{len(begun)}")
        await asyncio.sleep(1)
    assert "idle connections are closed to make room" in service.logs.read_text()


async def test_the_limit_of_open_files_is_raised_and_some_are_kept_back(service: Service) -> None:
    with open(f"/proc/{service.pid}/limits") as file:  # noqa: ASYNC230, PTH123  a file of the kernel's
        soft, hard = next(line.split()[3:5] for line in file if line.startswith("Max open files"))
    assert int(soft) == min(int(hard), 65_536)


async def test_watchers_that_do_not_read_are_closed_for_good(service: Service) -> None:
    base = len(os.listdir(f"/proc/{service.pid}/fd"))  # noqa: PTH208  names only
    watch = head("GET", f"{LABS}?watch=1", token=service.token)
    async with vigil(service), service.client() as client:
        await create(client, "w")
        with _deaf(service.port, 100) as deaf:
            for each in deaf:
                each.send(watch)
            for step in range(10):
                note = {"metadata": {"annotations": {"a": "x" * 200_000 + str(step)}}}
                answer = await client.patch(
                    f"{LABS}/w",
                    json=note,
                    headers={"Content-Type": "application/merge-patch+json"},
                )
                assert answer.status_code == 200, answer.text

            async def closed() -> bool:
                return len(os.listdir(f"/proc/{service.pid}/fd")) < base + 20  # noqa: PTH208  names only

            await eventually(closed, within=75)


async def test_a_head_is_counted_to_the_byte_in_whatever_pieces(service: Service) -> None:
    fits = head("GET", "/livez", "Connection: close", "X: ")
    padding = b"a" * (64 * 1024 - len(fits))
    exact = fits.replace(b"X: ", b"X: " + padding)
    assert len(exact) == 64 * 1024
    assert status_of(await spoken(service.port, exact)) == 200
    assert status_of(await spoken(service.port, exact.replace(b"X: ", b"X: a"))) == 431


async def test_a_trailer_is_no_header(service: Service) -> None:
    upload = head("POST", LABS, "Transfer-Encoding: chunked", "Connection: close")
    trailer = f"0\r\nAuthorization: Bearer {service.token}\r\n\r\n".encode()
    answer = await spoken(service.port, upload + b"2\r\n{}\r\n" + trailer)
    assert status_of(answer) == 401


async def test_uploads_without_an_end_are_let_go(service: Service) -> None:
    upload = head("POST", LABS, "Transfer-Encoding: chunked") + b"1\r\na\r\n0\r\nX: "
    async with vigil(service):
        _, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(upload)
        sent = 0
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(10):
                while sent < 64 * 1024 * 1024:
                    writer.write(b"a" * 65_536)
                    await writer.drain()
                    sent += 65_536
        writer.transport.abort()
    assert sent < 64 * 1024 * 1024


async def test_uploads_in_crumbs_hold_nobody_up(service: Service) -> None:
    crumbs = head("POST", LABS, "Transfer-Encoding: chunked") + b"1\r\na\r\n" * 1_000_000
    async with vigil(service):
        answers = await asyncio.gather(*(spoken(service.port, crumbs) for _ in range(20)))
    assert {answer.count(b"HTTP/1.1 ") for answer in answers if answer} <= {1}
    assert {status_of(answer) for answer in answers if answer} <= {400, 401}


async def test_failed_logins_are_logged_counted_and_hold_nobody_up(service: Service) -> None:
    async with service.client() as client:
        before = _failures(await client.get("/metrics"))
    guess = head("GET", LABS, "Connection: close", token="a-guess-of-somebody")
    async with vigil(service):
        answers = await asyncio.gather(*(spoken(service.port, guess) for _ in range(200)))
        async with service.client() as client:
            assert (await client.get(LABS)).status_code == 200
            counted = _failures(await client.get("/metrics")) - before
    assert {status_of(answer) for answer in answers} == {401}
    assert counted == 200
    said = [line for line in service.logs.read_text().splitlines() if "authentication" in line]
    assert 1 <= len(said) < 10
    assert "a-guess" not in service.logs.read_text()


def _failures(metrics: httpx.Response) -> float:
    return float(metrics.text.partition("\nlab_authentication_failures_total ")[2].split()[0])
