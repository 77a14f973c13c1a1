"""The small documents beside the views, damaged: what they are of is made anew."""

from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from bson.max_key import MaxKey
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection
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


def put_no_text(collection: Collection[dict[str, Any]], field: str) -> None:
    """Put a string that is not UTF-8 into the field, as a bit that turned makes one."""
    document = collection.find_one()
    assert document is not None
    spoiled = bson.encode(document | {field: "??damaged"}).replace(b"??", b"\xff\xfe")
    collection.delete_one({"_id": document["_id"]})
    collection.insert_one(RawBSONDocument(spoiled))


async def test_a_checkpoint_with_a_text_that_is_none_is_of_no_log(
    stores: MongodbStores, database: Database[dict[str, Any]]
) -> None:
    checkpoint = Checkpoint(position=4, origin="log")
    await stores.checkpoints.save("watcher", checkpoint)
    put_no_text(database["checkpoints"], "origin")
    loaded = await stores.checkpoints.load("watcher")
    assert loaded is not None
    assert loaded.origin != "log"
    await stores.checkpoints.save("watcher", checkpoint)
    assert await stores.checkpoints.load("watcher") == checkpoint


@pytest.mark.parametrize(
    "damage",
    [
        {"$set": {"token": "1"}},
        {"$set": {"holder": 7}},
        {"$set": {"until": "later"}},
        {"$set": {"until": MaxKey()}},
        {"$set": {"until": datetime(2999, 1, 1, tzinfo=UTC)}},
        {"$unset": {"holder": ""}},
        {"$unset": {"token": ""}},
        {"$unset": {"until": ""}},
    ],
)
async def test_a_damaged_lease_is_named_and_nobodys_until_whoever_held_it_has_stopped(
    stores: MongodbStores,
    database: Database[dict[str, Any]],
    damage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    leases = stores.leases
    before = await leases.acquire("views", holder="a", seconds=60)
    assert before is not None
    assert await leases.acquire("shard-0", holder="a", seconds=60)
    database["leases"].update_one({"_id": "views"}, damage)
    assert (await leases.holders())["shard-0"] == "a"

    assert await leases.acquire("views", holder="b", seconds=60) is None
    assert [one.__dict__["lease"] for one in caplog.records] == ["views"]
    assert not await leases.renew(before, seconds=60)
    assert await leases.holders() == {"shard-0": "a"}
    over = datetime.fromtimestamp(0, UTC)
    database["leases"].update_one({"_id": "views"}, {"$set": {"until": over}})

    after = await leases.acquire("views", holder="b", seconds=60)
    assert after is not None
    assert after.token > before.token
    assert await leases.holders() == {"views": "b", "shard-0": "a"}


async def test_a_lease_whose_holder_is_no_text_ends_when_it_ends(
    stores: MongodbStores, database: Database[dict[str, Any]]
) -> None:
    assert await stores.leases.acquire("views", holder="a", seconds=60)
    put_no_text(database["leases"], "holder")
    assert await stores.leases.acquire("views", holder="a", seconds=60) is None
    assert set(await stores.leases.holders()) == {"views"}
    database["leases"].update_one({}, {"$set": {"until": datetime.fromtimestamp(0, UTC)}})
    assert await stores.leases.acquire("views", holder="a", seconds=60)
