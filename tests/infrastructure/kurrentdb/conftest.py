"""A server inside the test's process, and an event store on it that is quick to give up."""

from collections.abc import AsyncIterator

import pytest

from infrastructure.kurrentdb.connection import open_kurrentdb
from infrastructure.kurrentdb.event_store import KurrentDBEventStore
from tests.contracts.given import SettableClock
from tests.infrastructure.kurrentdb.arrangement import PATIENCE
from tests.kurrentdb_server.edition import Edition
from tests.kurrentdb_server.server import KurrentDBServer, serving


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture(params=Edition, ids=lambda edition: edition.value)
def edition(request: pytest.FixtureRequest) -> Edition:
    found: Edition = request.param
    return found


@pytest.fixture
async def server(clock: SettableClock, edition: Edition) -> AsyncIterator[KurrentDBServer]:
    async with serving(KurrentDBServer(clock=clock, edition=edition)) as running:
        yield running


@pytest.fixture
async def store(
    server: KurrentDBServer, clock: SettableClock
) -> AsyncIterator[KurrentDBEventStore]:
    async with open_kurrentdb(server.uri, clock=clock, patience=PATIENCE) as opened:
        yield opened
