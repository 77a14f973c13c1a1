"""The small documents beside the views, damaged: what they are of is made anew."""

from typing import Any

import pytest
from pymongo.database import Database

from application.ports.checkpoints import Checkpoint
from application.ports.event_store import EMPTY
from application.ports.read_model import UnreadableReadModel
from application.projections.rebuilding import rebuild
from domain.lab_instance.key import LabKey
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.mongodb.connection import MongodbStores, open_mongodb
from tests.contracts.given import SettableClock, change, created, new

ANN = LabKey("class-a", "ann")


@pytest.fixture
async def log(stores: MongodbStores) -> MemoryEventStore:
    """One lab, in the log and in the views."""
    log = MemoryEventStore(SettableClock())
    await log.append("labinstance-class-a/ann", [new(created("ann"))], expected=EMPTY)
    await stores.read_model.apply([change(created("ann"), position=1)], position=1)
    return log


@pytest.mark.parametrize(
    "damage",
    [
        {"$set": {"generation": "1"}},
        {"$set": {"position": "x"}},
        {"$set": {"made": None}},
        {"$unset": {"generation": "", "position": "", "made": ""}},
    ],
)
async def test_damage_of_what_says_which_views_are_in_use_is_named_and_cured_by_a_rebuild(
    log: MemoryEventStore,
    mongodb_uri: str,
    database: Database[dict[str, Any]],
    damage: dict[str, Any],
) -> None:
    database["read-model"].update_one({}, damage)
    async with open_mongodb(mongodb_uri) as stores:
        for asked in (stores.read_model.get(ANN), stores.read_model.position()):
            with pytest.raises(UnreadableReadModel, match="labctl rebuild"):
                await asked
        done = await rebuild(log, stores.read_model, stores.generations, lambda *_: None)
        assert (done.views, done.position) == (1, 1)
        assert await stores.read_model.get(ANN) is not None
        assert await stores.read_model.position() == 1


@pytest.mark.parametrize("values", [{"position": "x"}, {"position": None}, {"origin": 7}])
async def test_a_damaged_checkpoint_counts_as_none(
    stores: MongodbStores, database: Database[dict[str, Any]], values: dict[str, Any]
) -> None:
    checkpoint = Checkpoint(position=4, origin="log")
    await stores.checkpoints.save("watcher", checkpoint)
    database["checkpoints"].update_one({}, {"$set": values})
    assert await stores.checkpoints.load("watcher") is None
    await stores.checkpoints.save("watcher", checkpoint)
    assert await stores.checkpoints.load("watcher") == checkpoint
