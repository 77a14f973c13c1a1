"""What the head of a request may be like."""

import asyncio
from contextlib import suppress

import pytest

from tests.api.server.connection import CHUNKED, GET, LAST, post, said, status


async def test_a_head_that_does_not_end_is_refused_before_it_fills_the_memory(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET + b"X-Long: ")
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
    answer = await said(port, GET, b"X-Many: 1\r\n" * 6_400)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert status(answer)["code"] == 431


@pytest.mark.parametrize("pieces", [1, 2, 7])
async def test_a_head_is_counted_to_the_byte(port: int, pieces: int) -> None:
    def of(size: int) -> list[bytes]:
        whole = GET + b"X: " + b"a" * (size - len(GET) - len(LAST) - 5) + b"\r\n" + LAST
        assert len(whole) == size
        step = -(-len(whole) // pieces)
        return [whole[at : at + step] for at in range(0, len(whole), step)]

    assert (await said(port, *of(65_536), pause=0.01)).startswith(b"HTTP/1.1 200 ")
    assert (await said(port, *of(65_537), pause=0.01)).startswith(b"HTTP/1.1 431 ")


async def test_headers_and_parameters_are_numbered(port: int) -> None:
    answer = await said(port, GET, b"X: 1\r\n" * 101, b"\r\n")
    assert status(answer)["code"] == 431
    answer = await said(port, b"GET /?" + b"a&" * 300 + b" HTTP/1.1\r\nHost: x\r\n" + LAST)
    assert status(answer)["code"] == 414


async def test_headers_are_numbered_before_the_head_ends(port: int) -> None:
    answer = await said(port, GET, b"a:\r\n" * 110)
    assert "more than 100 headers" in status(answer)["message"]


async def test_trailers_are_numbered_too(port: int) -> None:
    answer = await said(port, post("/", CHUNKED), b"1\r\na\r\n0\r\n" + b"a:\r\n" * 110)
    assert status(answer)["code"] == 431


async def test_a_trailer_changes_no_header(port: int) -> None:
    head = post("/headers", CHUNKED, b"Connection: close\r\n")
    answer = await said(port, head + b"1\r\na\r\n0\r\nAuthorization: Bearer x\r\n\r\n")
    assert answer.endswith(b"\r\n\r\nconnection,host,transfer-encoding")


@pytest.mark.parametrize("hosts", [b"", b"Host: x\r\nHost: x\r\n", b"Host: a b\r\n"])
async def test_a_request_names_one_host(port: int, hosts: bytes) -> None:
    answer = await said(port, b"GET / HTTP/1.1\r\n" + hosts + LAST)
    assert status(answer)["code"] == 400
    assert "Host header" in status(answer)["message"]


@pytest.mark.parametrize("host", [b"", b"Host: [::1]:80\r\n"])
async def test_a_request_of_http_1_0_may_name_its_host(port: int, host: bytes) -> None:
    answer = await said(port, b"GET / HTTP/1.0\r\n" + host + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_bytes_that_are_no_http_are_refused_with_a_status(port: int) -> None:
    answer = await said(port, b"\x16\x03\x01\x02\x00")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert status(answer)["reason"] == "BadRequest"


async def test_an_offer_of_another_protocol_is_not_taken_and_harms_nothing(port: int) -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"
    answer = await said(port, GET + offer, GET + LAST, pause=0.05)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
