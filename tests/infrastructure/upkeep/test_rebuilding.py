"""Making the views again from the log of the configured stores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from application.ports.event_store import EventStore, Tip
from application.ports.read_model import ReadModel
from application.projections.origin import origin_of
from application.projections.rebuilding import Rebuilt
from domain.lab_instance.key import LabKey
from infrastructure.data_directory.claim import DataDirectory
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.settings import read_settings
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.unusable import Unusable
from infrastructure.upkeep.rebuilding import rebuild_views
from tests.contracts.given import (
    FAILED,
    STARTED,
    SettableClock,
    change,
    created,
    everything,
    new,
    tip_after,
)

_EMPTY = Tip(0, "")
_AWAY = "mongodb://ann:sesame@127.0.0.1:1/?timeoutMS=500"
_NOWHERE = "kurrentdb://ann:sesame@127.0.0.1:1?DefaultDeadline=1"


@asynccontextmanager
async def _stores(data_dir: Path) -> AsyncIterator[tuple[EventStore, ReadModel]]:
    DataDirectory.claim(data_dir).release()  # makes it
    database = SqliteDatabase.open(data_dir / "labs.sqlite", clock=SettableClock())
    yield SqliteEventStore(database), SqliteReadModel(database)
    await database.close()


@pytest.fixture
async def data_dir(tmp_path: Path) -> Path:
    """Two labs of three events, and no views."""
    async with _stores(tmp_path / "data") as (log, _):
        ann = await log.append("labinstance-class-a/ann", [new(created("ann"))], expected=_EMPTY)
        await log.append("labinstance-class-a/bob", [new(created("bob"))], expected=_EMPTY)
        await log.append("labinstance-class-a/ann", [new(STARTED)], expected=tip_after(ann))
    return tmp_path / "data"


async def _rebuild(
    data_dir: Path, *, views: str = "sqlite", events: str = "sqlite", take_over: bool = False
) -> Rebuilt:
    told: list[tuple[int, int]] = []
    stores = {"LAB_READ_MODEL": views, "LAB_EVENT_STORE": events}
    settings = read_settings({"LAB_DATA_DIR": str(data_dir), **stores})
    found = await rebuild_views(
        settings, take_over=take_over, tell=lambda position, end: told.append((position, end))
    )
    assert told[-1] == (found.position, found.position)
    return found


async def test_views_are_as_the_log_tells_and_the_wrong_ones_are_named(data_dir: Path) -> None:
    async with _stores(data_dir) as (log, views):
        [first, *_] = await everything(log)
        await views.claim(origin_of(first))
        await views.apply([change(created("ann"), FAILED, position=3)], position=3)
    found = await _rebuild(data_dir)
    labs = (LabKey("class-a", "ann"), LabKey("class-a", "bob"))
    assert found == Rebuilt(views=2, position=3, differing=2, examples=labs)
    again = await _rebuild(data_dir)
    assert again == Rebuilt(views=2, position=3, differing=0, examples=())


async def test_views_that_are_only_late_are_not_different(data_dir: Path) -> None:
    await _rebuild(data_dir)
    async with _stores(data_dir) as (log, _):
        await log.append("labinstance-class-a/eve", [new(created("eve"))], expected=_EMPTY)
    assert await _rebuild(data_dir) == Rebuilt(views=3, position=4, differing=0, examples=())


async def test_views_of_another_log_are_replaced_only_when_that_is_asked_for(
    data_dir: Path, tmp_path: Path, mongodb_uri: str
) -> None:
    async with _stores(tmp_path / "other") as (log, _):
        await log.append("labinstance-class-a/eve", [new(created("eve"))], expected=_EMPTY)
    await _rebuild(tmp_path / "other", views=mongodb_uri)
    with pytest.raises(Unusable, match="of another event store"):
        await _rebuild(data_dir, views=mongodb_uri)
    async with open_mongodb(mongodb_uri) as stores:
        assert await stores.read_model.position() == 1
    found = await _rebuild(data_dir, views=mongodb_uri, take_over=True)
    assert found.views == 2
    with pytest.raises(Unusable, match="of another event store"):
        await _rebuild(tmp_path / "other", views=mongodb_uri)


async def test_what_is_in_use_is_left_alone(data_dir: Path) -> None:
    with DataDirectory.claim(data_dir), pytest.raises(Unusable, match="stop the service"):
        await _rebuild(data_dir)


@pytest.mark.usefixtures("swept")
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize(
    ("views", "events"), [("sqlite", "sqlite"), (_AWAY, "sqlite"), (_AWAY, _NOWHERE)]
)
async def test_what_cannot_be_rebuilt_is_said_in_one_line(
    tmp_path: Path, views: str, events: str
) -> None:
    with pytest.raises(Unusable) as refusal:
        await _rebuild(tmp_path / "none", views=views, events=events)
    assert len(str(refusal.value).splitlines()) == 1
    assert "sesame" not in str(refusal.value)
    assert not (tmp_path / "none").exists()
