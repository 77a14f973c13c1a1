"""A running server, and the real client connected to it."""

from collections.abc import AsyncIterator

import pytest
from kurrentdbclient import AsyncKurrentDBClient

from tests.contracts.given import SettableClock
from tests.kurrentdb_server.server import KurrentDBServer, serving


@pytest.fixture
async def server() -> AsyncIterator[KurrentDBServer]:
    async with serving(KurrentDBServer(clock=SettableClock())) as running:
        yield running


@pytest.fixture
async def client(server: KurrentDBServer) -> AsyncIterator[AsyncKurrentDBClient]:
    async with AsyncKurrentDBClient(server.uri) as connected:
        yield connected
