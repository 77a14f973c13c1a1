"""What MongoDB adds to the contract of read models: writers that are late, crash or race."""

import asyncio
from typing import Any

import pytest
from pymongo.database import Database

from application.ports.checkpoints import Checkpoint
from application.ports.read_model import ForeignReadModel, ReadModelUnavailable, ViewsSetBack
from application.ports.selectors import EVERYTHING
from application.ports.view_generations import SwitchLost
from domain.lab_instance.key import LabKey
from infrastructure.mongodb.connection import MongodbStores, open_mongodb
from infrastructure.mongodb.read_model import MongodbReadModel
from infrastructure.mongodb.view_documents import to_write
from tests.contracts.given import GOING, GONE, READY, STARTED, change, created
from tests.servers.mongod import Mongod

KEY = LabKey("class-a", "lab")
LAB = created("lab")


def contents(database: Database[dict[str, Any]]) -> list[dict[str, Any]]:
    collections = sorted(database.list_collection_names())
    return [stored for name in collections for stored in database[name].find(sort=[("_id", 1)])]


async def test_a_replay_changes_nothing_whatever_of_it_had_been_written(
    model: MongodbReadModel, database: Database[dict[str, Any]]
) -> None:
    batch = [
        change(LAB, STARTED, position=3),
        change(created("gone"), GOING, GONE, position=4),
        change(created("other"), position=5),
    ]
    await model.apply(batch, position=5)
    before = contents(database)
    for already_there in range(4):
        database["read-model"].update_one({}, {"$set": {"position": 2}})
        for lost in batch[already_there:]:
            database["views-1"].delete_one({"_id": f"class-a {lost.key.name}"})

        await model_of_a_new_process(model).apply(batch, position=5)

        after = contents(database)
        assert without_times(after) == without_times(before)


def model_of_a_new_process(model: MongodbReadModel) -> MongodbReadModel:
    return MongodbReadModel(model._generations, patience=5.0)


def without_times(stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in one.items() if k != "buriedAt"} for one in stored]


async def test_a_late_writer_cannot_bring_back_a_deleted_lab(
    model: MongodbReadModel, database: Database[dict[str, Any]]
) -> None:
    """It has read an old checkpoint, stood still, and only now reaches the server."""
    await model.apply([change(LAB, GOING, GONE, position=7)], position=7)

    late = to_write(change(LAB, STARTED, position=6))
    done = database["views-1"].bulk_write([late])

    assert done.modified_count == 0
    assert await model.get(KEY) is None
    assert await model.count(EVERYTHING) == 0


async def test_the_trace_of_a_deleted_lab_holds_nothing_of_it_and_goes_by_itself(
    model: MongodbReadModel, database: Database[dict[str, Any]]
) -> None:
    await model.apply([change(LAB, position=1)], position=1)
    await model.apply([change(LAB, GOING, GONE, position=2)], position=2)

    [trace] = database["views-1"].find()

    assert set(trace) == {"_id", "position", "buriedAt"}
    kept = database["views-1"].index_information()["tombstones"]["expireAfterSeconds"]
    assert kept == 24 * 60 * 60


async def test_the_newest_change_of_each_lab_stands_among_many_writers(
    model: MongodbReadModel,
) -> None:
    labs = [created(f"lab-{number}") for number in range(20)]
    batches = [
        [change(lab, STARTED, position=100 * turn + number) for number, lab in enumerate(labs)]
        for turn in range(1, 9)
    ]

    await asyncio.gather(
        *(model_of_a_new_process(model).apply(batch, position=0) for batch in batches)
    )

    page = await model.find(EVERYTHING, after=None, limit=100)
    assert sorted(view.resource_version for view in page.views) == list(range(800, 820))


async def test_a_writer_that_goes_on_after_another_cleared_is_refused_and_leaves_no_gap(
    model: MongodbReadModel,
) -> None:
    await model.apply([change(LAB, position=1)], position=5)
    await model_of_a_new_process(model).clear()

    with pytest.raises(ViewsSetBack):
        await model.apply([change(created("b"), position=6)], position=6)

    assert await model.position() == 0
    await model.apply([change(LAB, position=1)], position=6)
    assert await model.position() == 6


async def test_clearing_removes_what_was_cleared_the_time_before(
    model: MongodbReadModel, database: Database[dict[str, Any]]
) -> None:
    for _ in range(4):
        await model.apply([change(LAB, position=1)], position=1)
        await model.clear()

    names = {name for name in database.list_collection_names() if name.startswith("views-")}
    assert names == {"views-4", "views-5"}
    assert "due" in database["views-5"].index_information()


async def test_several_writers_that_clear_at_once_leave_one_empty_generation(
    model: MongodbReadModel, database: Database[dict[str, Any]]
) -> None:
    await model.apply([change(LAB, position=1)], position=1)

    await asyncio.gather(*(model_of_a_new_process(model).clear() for _ in range(5)))

    assert (await model.position(), await model.count(EVERYTHING)) == (0, 0)
    await model_of_a_new_process(model).apply([change(LAB, position=1)], position=1)
    assert await model.count(EVERYTHING) == 1
    assert len([n for n in database.list_collection_names() if n.startswith("views-")]) <= 3


async def test_exactly_one_of_two_logs_that_claim_the_views_at_once_gets_them(
    model: MongodbReadModel,
) -> None:
    claims = [model.claim(f"log {number}") for number in range(8)]

    outcomes = await asyncio.gather(*claims, return_exceptions=True)

    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ForeignReadModel) for outcome in outcomes) == 7


async def test_views_claim_and_checkpoints_outlive_the_process(mongodb_uri: str) -> None:
    async with open_mongodb(mongodb_uri) as stores:
        await stores.read_model.claim("$origin")
        await stores.read_model.apply([change(LAB, position=1)], position=9)
        await stores.checkpoints.save("watcher", Checkpoint(position=4, origin="log"))

    async with open_mongodb(mongodb_uri) as stores:
        assert await stores.read_model.position() == 9
        assert await stores.read_model.count(EVERYTHING) == 1
        assert await stores.checkpoints.load("watcher") == Checkpoint(position=4, origin="log")
        with pytest.raises(ForeignReadModel):
            await stores.read_model.claim("another")


async def test_a_page_of_thousands_comes_whole(model: MongodbReadModel) -> None:
    changes = [change(created(f"lab-{n:04}"), position=n + 1) for n in range(2500)]
    await model.apply(changes, position=2500)

    page = await model.find(EVERYTHING, after=None, limit=2400)

    assert [view.lab.key.name for view in page.views] == [f"lab-{n:04}" for n in range(2400)]
    assert page.more


async def test_a_database_that_was_dropped_is_made_again(
    stores: MongodbStores, database: Database[dict[str, Any]]
) -> None:
    await stores.read_model.apply([change(LAB, STARTED, READY, position=3)], position=3)
    for collection in database.list_collection_names():
        database.drop_collection(collection)

    assert await stores.read_model.position() == 0
    with pytest.raises(ViewsSetBack):
        await stores.read_model.apply([], position=4)

    await stores.read_model.apply([change(LAB, STARTED, READY, position=3)], position=4)
    assert await stores.read_model.count(EVERYTHING) == 1
    assert "due" in database["views-1"].index_information()


async def test_a_server_of_no_replica_set_keeps_the_same_promises(own_mongod: Mongod) -> None:
    async with open_mongodb(own_mongod.uri) as stores:
        model = stores.read_model
        await model.claim("log")
        await model.apply([change(LAB, position=1)], position=1)
        await model.apply([change(LAB, GOING, GONE, position=2)], position=2)
        await model.apply([change(LAB, position=1)], position=2)
        lease = await stores.leases.acquire("shard", holder="me", seconds=9)

        assert await model.get(KEY) is None
        assert await model.position() == 2
        assert lease is not None
        assert await stores.leases.renew(lease, seconds=9)
        await model.clear()
        assert await model.position() == 0


async def test_a_switch_that_others_were_faster_with_changes_nothing(mongodb_uri: str) -> None:
    async with open_mongodb(mongodb_uri) as mine, open_mongodb(mongodb_uri) as theirs:
        await mine.generations.begin()
        other = await theirs.generations.begin()
        await other.labs.apply([], position=7)
        with pytest.raises(SwitchLost):
            await mine.generations.switch()
        await theirs.generations.switch()
        assert await mine.read_model.position() == 7


async def test_a_projector_notices_that_its_views_were_replaced(mongodb_uri: str) -> None:
    async with open_mongodb(mongodb_uri) as service, open_mongodb(mongodb_uri) as upkeep:
        await service.read_model.apply([], position=9)
        fresh = await upkeep.generations.begin()
        await fresh.labs.apply([], position=7)
        await upkeep.generations.switch()
        with pytest.raises(ReadModelUnavailable):
            await service.read_model.apply([], position=10)
        await service.read_model.apply([], position=10)
        assert await service.read_model.position() == 10
