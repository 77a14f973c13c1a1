"""Places for connections: each that is taken is given back once, whatever happened."""

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from api.server.accepting import Accepting
from api.server.connections import Connections
from api.server.http_protocol import BoundedHttpProtocol


class Crowded(BoundedHttpProtocol):
    """A connection at whose making another one wants the place."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        super().connection_made(transport)
        self._connections.admit()


def _protocols(connections: Connections) -> Callable[[], BoundedHttpProtocol]:
    async def app(scope: object, receive: object, send: object) -> None:
        raise NotImplementedError

    config = uvicorn.Config(app, lifespan="off", log_config=None)
    config.load()
    return lambda: Crowded(config, ServerState(), {}, connections=connections)


class Exhausted(socket.socket):
    """Cannot accept the first who comes, as when there is no descriptor left."""

    failures = 1

    def accept(self) -> tuple[socket.socket, Any]:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


async def test_a_client_that_cannot_be_accepted_now_is_accepted_later_and_it_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    places = Connections(5)
    with Exhausted() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        accepting = Accepting(listener, _protocols(places), places, None)
        _, writer = await asyncio.open_connection(*listener.getsockname())
        async with asyncio.timeout(10):
            while not places.open:
                await asyncio.sleep(0.01)
        writer.close()
        accepting.close()
        await accepting.wait_closed()
    assert "a connection was not accepted" in caplog.text


async def test_a_connection_closed_while_it_was_made_gives_its_place_back_once() -> None:
    places = Connections(1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = Accepting(listener, _protocols(places), places, None)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
        accepting.close()
        await accepting.wait_closed()
    assert places.open == 1  # the place of the other, who came meanwhile
