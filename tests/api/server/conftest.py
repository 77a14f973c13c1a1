"""One listening socket for each test."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from uvicorn.server import ServerState

from api.server.connections import Connections
from tests.api.server.connection import Impatient, echo


@pytest.fixture
def places() -> Connections:
    return Connections(1)


@pytest.fixture
def protocol() -> type[Impatient]:
    return Impatient


@pytest.fixture
def state() -> ServerState:
    return ServerState()


@pytest.fixture
async def port(
    places: Connections, protocol: type[Impatient], state: ServerState
) -> AsyncIterator[int]:
    config = uvicorn.Config(echo, lifespan="off", log_config=None)
    config.load()
    loop = asyncio.get_running_loop()

    def connection() -> Impatient:
        return protocol(config, state, {}, connections=places)

    server = await loop.create_server(connection, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for open_still in tuple(state.connections):
        open_still.transport.abort()
    await server.wait_closed()
