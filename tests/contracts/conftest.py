"""Every adapter of the event store and the read model, for the suites that all of them pass."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

from application.ports.event_store import EventStore
from application.ports.past_index import PastIndex
from application.ports.read_model import ReadModel
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.past_index import SqlitePastIndex
from infrastructure.sqlite.read_model import SqliteReadModel
from tests.contracts.event_stores import container, kinds, open_event_store
from tests.contracts.given import FAILED, READY, STARTED, SettableClock, change, created


@pytest.fixture
def store_clock() -> SettableClock:
    """The clock of the event store under test."""
    return SettableClock()


@pytest.fixture(scope="session")
def kurrentdb_containers() -> Iterator[Callable[[str], str]]:
    """Addresses of servers by image; each is started once, when it is first asked for."""
    with ExitStack() as stack:
        yield lru_cache(lambda image: stack.enter_context(container(image)))


@pytest.fixture(params=kinds())
async def event_store(
    request: pytest.FixtureRequest, tmp_path: Path, store_clock: SettableClock
) -> AsyncIterator[EventStore]:
    async with open_event_store(request, tmp_path, store_clock) as store:
        yield store


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSide:
    """A read model, and the index of the past that is written with it."""

    views: ReadModel
    past: PastIndex


@pytest.fixture(params=["memory", "sqlite", "sqlite apart", "mongodb"])
async def read_side(
    request: pytest.FixtureRequest, tmp_path: Path, store_clock: SettableClock
) -> AsyncIterator[ReadSide]:
    if request.param == "memory":
        views = MemoryReadModel()
        yield ReadSide(views=views, past=views.past)
        return
    if request.param == "mongodb":
        async with open_mongodb(request.getfixturevalue("mongodb_uri")) as stores:
            yield ReadSide(views=stores.read_model, past=stores.past_index)
        return
    opening = SqliteDatabase.open if request.param == "sqlite" else SqliteDatabase.open_apart
    database = opening(tmp_path / "lab.db", clock=store_clock)
    yield ReadSide(views=SqliteReadModel(database), past=SqlitePastIndex(database))
    await database.close()


@pytest.fixture
def read_model(read_side: ReadSide) -> ReadModel:
    return read_side.views


@pytest.fixture
async def stocked(read_model: ReadModel) -> ReadModel:
    """Five labs in two namespaces, one of them failed and one ready."""
    a1 = created("a1", labels={"tier": "gold", "course": "py"}, student="bob@example.org")
    a2 = created("a2", labels={"tier": "iron"}, template="terminal")
    a3 = created("a3", labels={"tier": "gold"})
    b1 = created("b1", namespace="class-b", labels={"course": "py"})
    b2 = created("b2", namespace="class-b", template="terminal")
    changes = [
        change(b2, position=1),
        change(a1, STARTED, READY, position=4),
        change(a3, FAILED, position=6),
        change(b1, position=7),
        change(a2, position=9),
    ]
    await read_model.apply(changes, position=10)
    return read_model
