"""Requests that come before the one before them is answered."""

import asyncio
import logging
from contextlib import closing

import pytest
from uvicorn.server import ServerState

from tests.api.server.connection import CHUNKED, GET, LAST, Impatient, heard, post, said, status


async def test_requests_that_arrive_at_once_are_all_answered(port: int) -> None:
    answer = await said(port, (GET + b"\r\n") * 3 + GET + LAST)
    assert answer.count(b"HTTP/1.1 200 OK") == 4


async def test_the_next_request_is_not_looked_at_before_its_turn(port: int) -> None:
    slow = b"GET /headers HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await said(port, slow * 3 + b"nonsense\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert b"HTTP/1.1 400 " in answer


class Recording(Impatient):
    """Knows how much it held at most."""

    arrives_within = 30.0
    most_held = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        Recording.most_held = max(Recording.most_held, len(self._held))


@pytest.mark.parametrize("protocol", [Recording])
async def test_a_pipeline_whose_answers_take_their_time_is_held_in_little_room(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with closing(writer):
        writer.write(b"GET /headers HTTP/1.1\r\nHost: x\r\n\r\n" * 100_000)
        for _ in range(5):
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\nhost"), 5)
        writer.transport.abort()
    assert 0 < Recording.most_held <= 512 * 1024


async def test_a_request_after_a_second_upload_that_is_not_answered_is_refused(port: int) -> None:
    answered = post("/early", CHUNKED)
    slow = GET.replace(b"/ ", b"/headers ", 1) + b"\r\n"
    answer = await said(port, answered, b"0\r\n\r\n" + slow * 3, pause=0.05)
    assert answer.count(b"HTTP/1.1 ") == 2
    assert b"nothing may follow" in answer


async def test_a_request_after_an_upload_that_is_not_answered_is_refused(
    port: int, state: ServerState, caplog: pytest.LogCaptureFixture
) -> None:
    upload = post("/headers", CHUNKED) + b"1\r\na\r\n0\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with closing(writer):
        writer.write(upload + GET + LAST)
        answer = await heard(reader)
        async with asyncio.timeout(5):
            while state.tasks:  # whoever works at an answer is not stopped
                await asyncio.sleep(0.01)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert status(answer)["code"] == 400
    assert "nothing may follow" in status(answer)["message"]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
