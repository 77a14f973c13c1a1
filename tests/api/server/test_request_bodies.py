"""How bodies arrive, and what becomes of those that nobody waits for."""

import asyncio
from contextlib import closing, suppress

import pytest

from api.server.connections import Connections
from tests.api.server.connection import CHUNKED, GET, LAST, Impatient, heard, post, said, status


async def test_large_heads_and_bodies_within_the_limits_are_taken(port: int) -> None:
    head = (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nX: " + b"a" * 40_000 + b"\r\n"
    )
    answer = await said(port, head, LAST, b"a" * 400_000, b"a" * 600_000)
    assert answer.endswith(b"1000000 bytes")


class Patient(Impatient):
    """Gives requests their time, and knows how many parts of bodies it took in at once."""

    arrives_within = 30.0
    parts = 0
    most_parts = 0

    def data_received(self, data: bytes) -> None:
        self.parts = 0
        super().data_received(data)

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self.parts += 1
        Patient.most_parts = max(Patient.most_parts, self.parts)


CRUMBS = b"1\r\na\r\n" * 10_000


@pytest.mark.parametrize("protocol", [Patient])
async def test_a_body_in_crumbs_is_taken_in_a_few_at_a_time(port: int) -> None:
    answer = await said(port, post("/", CHUNKED, b"Connection: close\r\n"), CRUMBS + b"0\r\n\r\n")
    assert answer.endswith(b"10000 bytes")
    assert 0 < Patient.most_parts < 2_000


@pytest.mark.parametrize("path", ["/", "/early"])
@pytest.mark.parametrize("chunk", [b"1\r\na\r\n", b"1;" + b"x" * 200 + b"\r\na\r\n"])
async def test_a_body_in_crumbs_is_refused(port: int, path: str, chunk: bytes) -> None:
    answer = await said(port, post(path, CHUNKED) + chunk * 100_000)
    assert answer.count(b"HTTP/1.1 ") == 1
    if path == "/":
        assert status(answer)["code"] == 400
        assert "65536 bytes" in status(answer)["message"]


EARLY_ONE = b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"


@pytest.mark.parametrize(
    ("request_", "late"), [(EARLY_ONE, b"x"), (GET + b"\r\n", b"\r\n")], ids=["body", "empty line"]
)
async def test_a_connection_on_which_something_came_late_is_closed_without_a_word(
    port: int, request_: bytes, late: bytes
) -> None:
    answer = await said(port, request_, late, pause=0.05)
    assert answer.count(b"HTTP/1.1 ") == 1


async def test_a_body_that_comes_after_its_answer_takes_no_place_for_good(
    port: int, places: Connections
) -> None:
    assert places.admit()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with closing(writer):
        writer.write(EARLY_ONE)
        await reader.readuntil(b"early")
        writer.write(b"x")
        await asyncio.sleep(0.05)
        assert places.admit()  # the connection is idle, and makes room
        assert await heard(reader) == b""


@pytest.mark.parametrize("protocol", [Patient])
@pytest.mark.parametrize("length", [CHUNKED, b"Content-Length: 67108864\r\n"])
async def test_a_body_that_goes_on_after_its_answer_is_read_no_further_than_a_limit(
    port: int, length: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = 0
    with closing(writer):
        writer.write(post("/early", length))
        await reader.readuntil(b"early")
        with suppress(ConnectionError):
            async with asyncio.timeout(10):
                while sent < 64 * 1024 * 1024:
                    part = b"a" * 65_536
                    writer.write(b"10000\r\n" + part + b"\r\n" if length is CHUNKED else part)
                    await writer.drain()
                    sent += len(part)
        assert await heard(reader) == b""
    assert sent < 32 * 1024 * 1024  # what the system holds on the way is not ours


async def test_a_small_body_after_its_answer_leaves_the_connection_in_use(port: int) -> None:
    upload = post("/early", b"Content-Length: 500000\r\n")
    answer = await said(port, upload, b"a" * 500_000, GET + LAST, pause=0.02)
    assert answer.count(b"HTTP/1.1 200 ") == 2


async def test_a_request_has_no_second_answer(port: int) -> None:
    answer = await said(port, post("/early", CHUNKED), b"no size\r\n", pause=0.05)
    assert answer.count(b"HTTP/1.1 ") == 1
