"""Ports: a taken one is seen, and a lab that met one is started on another."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from application.ports.provisioner import RuntimeNotFound
from domain.lab_instance.observation import Absent
from infrastructure.process.ports import LOOPBACK, free_port, is_taken
from tests.contracts.provisioner_waiting import ended, request, running
from tests.infrastructure.process.ground import Ground, closing
from tests.infrastructure.process.scripts import LEAVING, PATIENT, STUBBORN


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


class Thief:
    """Listens at a port before the lab does, says yes to everything, and remembers it all."""

    def __init__(self) -> None:
        self.heard = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard += await reader.read(10_000)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()


async def test_a_thief_at_the_port_gets_no_token_and_the_lab_another_port(ground: Ground) -> None:
    thief = Thief()
    server = await asyncio.start_server(thief.serve, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    proposals = iter([port, free_port()])
    provisioner = ground.provisioner(choose_port=lambda: next(proposals))
    async with server, closing(ground, provisioner):
        await provisioner.ensure(request())
        seen = await running(provisioner, "uid-1")
        assert str(port) not in seen.endpoint
        assert str(port) not in await provisioner.access("uid-1")
    assert thief.heard == b""


async def test_a_lab_that_waits_at_a_thiefs_port_for_ever_is_moved(plain_ground: Ground) -> None:
    thief = Thief()
    server = await asyncio.start_server(thief.serve, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    proposals = iter([port, free_port()])
    template = plain_ground.add_template("patient", PATIENT)
    provisioner = plain_ground.provisioner(choose_port=lambda: next(proposals))
    async with server, closing(plain_ground, provisioner):
        await provisioner.ensure(request(template=template))
        assert str(port) not in (await running(provisioner, "uid-1")).endpoint
    assert thief.heard == b""


async def test_a_lab_that_lost_its_port_to_a_thief_is_told_so_and_gives_no_link(
    plain_ground: Ground,
) -> None:
    template = plain_ground.add_template("leaving", LEAVING)
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request(template=template))
        await running(provisioner, "uid-1")
        port = plain_ground.record_of("uid-1")["port"]
        (plain_ground.path_of("uid-1") / "work" / "leave").write_text("")
        while is_taken(port):
            await asyncio.sleep(0.02)
        thief = Thief()
        async with await asyncio.start_server(thief.serve, LOOPBACK, port):
            with pytest.raises(RuntimeNotFound):
                await provisioner.access("uid-1")
            assert (await ended(provisioner, "uid-1")).reason == "PortTaken"
            await provisioner.ensure(request(template=template))
            await running(provisioner, "uid-1")
        assert thief.heard == b""


async def test_a_lab_stopped_while_it_was_to_move_stays_stopped(
    plain_ground: Ground, taken_port: int
) -> None:
    template = plain_ground.add_template("stubborn", STUBBORN)
    plain_ground.settings |= {"grace": 0.5, "probe_timeout": 0.1}
    proposals = iter([taken_port])
    provisioner = plain_ground.provisioner(choose_port=lambda: next(proposals, free_port()))
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request(template=template))
        while not (plain_ground.path_of("uid-1") / "work/deaf").exists():
            await asyncio.sleep(0.01)
        stopping = asyncio.create_task(provisioner.terminate("uid-1", keep_files=True))
        while not stopping.done():
            await provisioner.observe("uid-1")
            await asyncio.sleep(0.01)
        await stopping
        assert plain_ground.pids_of("uid-1") == []
        assert await provisioner.observe("uid-1") == Absent()
