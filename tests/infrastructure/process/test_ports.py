"""Ports: a taken one is seen, and a lab that met one is started on another."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from infrastructure.process.ports import LOOPBACK, free_port, is_taken
from tests.contracts.provisioner_waiting import ended, request, running
from tests.infrastructure.process.ground import Ground, closing


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


async def test_a_free_port_is_not_taken_and_a_used_one_is(taken_port: int) -> None:
    assert not is_taken(free_port())
    assert is_taken(taken_port)


async def test_a_lab_whose_port_is_taken_is_started_on_another(
    ground: Ground, taken_port: int
) -> None:
    ground.settings["probe_timeout"] = 0.1
    proposals = iter([taken_port, taken_port, free_port()])
    provisioner = ground.provisioner(choose_port=lambda: next(proposals))
    async with closing(ground, provisioner):
        await provisioner.ensure(request())
        seen = await running(provisioner, "uid-1")
        assert str(taken_port) not in seen.endpoint
        assert ground.record_of("uid-1")["revision"] == 1
        assert len(await provisioner.list()) == 1


async def test_the_search_for_a_port_ends(plain_ground: Ground, taken_port: int) -> None:
    plain_ground.settings["probe_timeout"] = 0.1
    provisioner = plain_ground.provisioner(choose_port=lambda: taken_port)
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request())
        seen = await ended(provisioner, "uid-1")
        assert seen.reason == "ProcessExited"
        assert "Address already in use" in seen.message


async def test_a_stranger_who_answers_at_the_port_is_not_taken_for_the_lab(
    plain_ground: Ground,
) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(refuse, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    template = plain_ground.add_template("sleeping", "import time\ntime.sleep(600)\n")
    provisioner = plain_ground.provisioner(choose_port=lambda: port)
    async with server, closing(plain_ground, provisioner):
        await provisioner.ensure(request(template=template))
        with pytest.raises(TimeoutError):
            await running(provisioner, "uid-1", seconds=0.5)
