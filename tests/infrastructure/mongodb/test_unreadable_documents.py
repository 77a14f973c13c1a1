"""Documents that cannot be read, as only a store without a schema can have them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Binary, Int64, ObjectId, Regex
from pymongo.database import Database

from application.ports.read_model import UnreadableView
from application.ports.selectors import EVERYTHING
from domain.lab_instance.key import LabKey
from infrastructure.mongodb.read_model import MongodbReadModel
from tests.contracts.given import READY, STARTED, change, created, view_of

ANN, BOB = LabKey("class-a", "ann"), LabKey("class-a", "bob")
PLACE = {"_id": "class-a ann"}
VIEW = view_of(created("ann"), position=1)
NO_DOCUMENTS: list[object] = [7, 1.5, None, ["{"], {"key": {}}, Binary(b"{}"), Regex("x"), True]
NO_POSITIONS: list[object] = [
    "1",
    1.0,
    float("nan"),
    float("inf"),
    None,
    True,
    [1],
    datetime(2026, 1, 1, tzinfo=UTC),
]


@pytest.fixture
async def views(model: MongodbReadModel) -> MongodbReadModel:
    await model.apply(
        [change(created("ann"), position=1), change(created("bob"), position=2)], position=2
    )
    return model


async def listed(views: MongodbReadModel) -> list[str]:
    page = await views.find(EVERYTHING, after=None, limit=9)
    return [view.lab.key.name for view in page.views]


async def assert_left_out_and_mended(views: MongodbReadModel) -> None:
    with pytest.raises(UnreadableView, match="class-a/ann"):
        await views.get(ANN)
    assert await views.unreadable.found() == ANN
    await views.unreadable.replace(ANN, VIEW)
    assert views.unreadable.unreadable == ()
    assert await views.get(ANN) == VIEW
    assert await listed(views) == ["ann", "bob"]


@pytest.mark.parametrize("document", NO_DOCUMENTS, ids=repr)
async def test_a_document_of_another_type_concerns_its_lab_alone(
    views: MongodbReadModel, database: Database[dict[str, Any]], document: object
) -> None:
    database["views-1"].update_one(PLACE, {"$set": {"document": document}})
    assert await listed(views) == ["bob"]
    await assert_left_out_and_mended(views)


@pytest.mark.parametrize("field", ["document", "position"])
async def test_a_field_that_is_missing_concerns_its_lab_alone(
    views: MongodbReadModel, database: Database[dict[str, Any]], field: str
) -> None:
    database["views-1"].update_one(PLACE, {"$unset": {field: ""}})
    assert await listed(views) == ["bob"]
    await assert_left_out_and_mended(views)


@pytest.mark.parametrize("position", NO_POSITIONS, ids=repr)
async def test_a_position_of_another_type_concerns_its_lab_alone_and_is_of_no_age(
    views: MongodbReadModel, database: Database[dict[str, Any]], position: object
) -> None:
    def spoil() -> None:
        database["views-1"].update_one(PLACE, {"$set": {"position": position}})

    spoil()
    assert await listed(views) == ["bob"]
    await assert_left_out_and_mended(views)
    spoil()
    await views.apply([change(created("ann"), STARTED, READY, position=9)], position=9)
    kept = await views.get(ANN)
    assert kept is not None
    assert kept.resource_version == 9


async def test_documents_of_a_foreign_schema_are_found_when_mending_begins(
    views: MongodbReadModel, database: Database[dict[str, Any]]
) -> None:
    database["views-1"].replace_one(PLACE, {"course": "physics"})
    database["views-1"].update_one({"_id": "class-a bob"}, {"$set": {"state": 5}})
    database["views-1"].insert_one({"_id": ObjectId("6" * 24), "state": "ready"})
    assert await listed(views) == []
    found = {await views.unreadable.found() for _ in range(3)}
    assert found == {ANN, BOB, LabKey("6" * 24, "")}
    await views.unreadable.replace(ANN, VIEW)
    await views.unreadable.replace(BOB, view_of(created("bob"), position=2))
    await views.unreadable.replace(LabKey("6" * 24, ""), None)
    assert await listed(views) == ["ann", "bob"]
    assert await views.count(EVERYTHING) == 2
    assert views.unreadable.unreadable == ()


async def test_a_generation_that_was_replaced_meanwhile_is_not_written_to(
    views: MongodbReadModel, database: Database[dict[str, Any]]
) -> None:
    database["views-1"].update_one(PLACE, {"$set": {"document": "{"}})
    assert await listed(views) == ["bob"]
    await views.clear()
    await views.unreadable.replace(ANN, VIEW)
    assert database["views-2"].count_documents({}) == 0
    assert views.unreadable.unreadable == ()


async def test_positions_in_other_sizes_of_integers_are_read(
    views: MongodbReadModel, database: Database[dict[str, Any]]
) -> None:
    database["views-1"].update_one(PLACE, {"$set": {"position": Int64(1)}})
    assert await views.get(ANN) == VIEW
