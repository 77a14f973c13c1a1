"""An open database on a disk that can be broken."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from tests.contracts.given import SettableClock
from tests.infrastructure.sqlite.faulty import Disk


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lab.sqlite"


@pytest.fixture
async def database(path: Path, disk: Disk) -> AsyncIterator[SqliteDatabase]:
    opened = SqliteDatabase.open(
        path, clock=SettableClock(), connector=disk.connect, live_events=10
    )
    yield opened
    await opened.close()


@pytest.fixture
def store(database: SqliteDatabase) -> SqliteEventStore:
    return SqliteEventStore(database)
