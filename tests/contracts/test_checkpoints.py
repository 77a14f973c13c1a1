"""What every keeper of checkpoints promises."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from application.ports.checkpoints import Checkpoint, Checkpoints
from application.ports.event_store import EventStoreUnavailable
from infrastructure.memory.checkpoints import MemoryCheckpoints
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.sqlite.checkpoints import SqliteCheckpoints
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.system_clock import SystemClock


def at(position: int) -> Checkpoint:
    return Checkpoint(position=position, origin="the first event of this log")


@pytest.fixture(params=["memory", "sqlite", "mongodb"])
async def checkpoints(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Checkpoints]:
    if request.param == "memory":
        yield MemoryCheckpoints()
        return
    if request.param == "mongodb":
        async with open_mongodb(request.getfixturevalue("mongodb_uri")) as stores:
            yield stores.checkpoints
        return
    database = SqliteDatabase.open(tmp_path / "labs.db", clock=SystemClock())
    yield SqliteCheckpoints(database)
    await database.close()


async def test_a_follower_that_never_saved_begins_at_the_start(checkpoints: Checkpoints) -> None:
    assert await checkpoints.load("watcher") is None


async def test_the_position_saved_last_is_the_one_that_counts(checkpoints: Checkpoints) -> None:
    for position in (7, 12):
        await checkpoints.save("watcher", at(position))
    assert await checkpoints.load("watcher") == at(12)


async def test_followers_do_not_share_their_positions(checkpoints: Checkpoints) -> None:
    await checkpoints.save("watcher", at(7))
    await checkpoints.save("another", at(3))
    assert await checkpoints.load("watcher") == at(7)
    assert await checkpoints.load("a-third") is None


async def test_a_position_in_the_file_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "labs.db"
    first = SqliteDatabase.open(path, clock=SystemClock())
    await SqliteCheckpoints(first).save("watcher", at(41))
    await first.close()
    second = SqliteDatabase.open(path, clock=SystemClock())
    assert await SqliteCheckpoints(second).load("watcher") == at(41)
    await second.close()


async def test_a_file_that_was_let_go_of_is_unavailable(tmp_path: Path) -> None:
    database = SqliteDatabase.open(tmp_path / "labs.db", clock=SystemClock())
    await database.close()
    with pytest.raises(EventStoreUnavailable):
        await SqliteCheckpoints(database).load("watcher")
    with pytest.raises(EventStoreUnavailable):
        await SqliteCheckpoints(database).save("watcher", at(1))
