"""The server's own account of its work: every question is served by an index, and sorted by it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from application.ports.checkpoints import Checkpoint
from application.ports.selectors import (
    EVERYTHING,
    FieldRequirement,
    LabelRequirement,
    LabField,
    Operator,
    ViewFilter,
)
from domain.lab_instance.key import LabKey
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.mongodb.indexes import VIEW_INDEXES
from infrastructure.mongodb.view_documents import SHOWN, to_write
from infrastructure.mongodb.view_query import (
    BY_PLACE,
    COUNTED_BY_STATE,
    LONGEST_OVERDUE_FIRST,
    Condition,
    due_by,
    matching,
    owned_by,
    unsettled,
)
from tests.contracts.given import FAILED, GOING, GONE, NOON, READY, STARTED, change, created
from tests.servers.mongodb_uri import of_database

AFTER = LabKey("class-3", "lab-33")
LATER = NOON + timedelta(days=1)
BAD = {"COLLSCAN", "SORT"}


def label(operator: Operator, *values: str) -> ViewFilter:
    return ViewFilter(labels=(LabelRequirement(key="k", operator=operator, values=values),))


def fields(*, negated: bool = False, **wanted: str) -> ViewFilter:
    return ViewFilter(
        fields=tuple(
            FieldRequirement(field=LabField[name], value=value, negated=negated)
            for name, value in wanted.items()
        )
    )


def both(one: ViewFilter, other: ViewFilter) -> ViewFilter:
    return ViewFilter(labels=one.labels + other.labels, fields=one.fields + other.fields)


FILTERS = {
    "everything": EVERYTHING,
    "namespace": fields(NAMESPACE="class-3"),
    "name": fields(NAME="lab-33"),
    "state": fields(STATE="ready"),
    "template": fields(TEMPLATE="terminal"),
    "student": fields(STUDENT="s33@example.org"),
    "one value": label(Operator.IN, "one"),
    "two values": label(Operator.IN, "one", "two"),
    "label there": label(Operator.EXISTS),
    "not namespace": fields(NAMESPACE="class-3", negated=True),
    "not name": fields(NAME="lab-33", negated=True),
    "not state": fields(STATE="ready", negated=True),
    "not template": fields(TEMPLATE="terminal", negated=True),
    "not student": fields(STUDENT="s33@example.org", negated=True),
    "not value": label(Operator.NOT_IN, "one", "two"),
    "label not there": label(Operator.ABSENT),
}
INDEX = {
    "namespace": "_id_",
    "name": "name-place",
    "state": "state-place",
    "template": "template-place",
    "student": "student-place",
    "one value": "labels-place",
    "two values": "labels-place",
    "label there": "labels-place",
}


@pytest.fixture(scope="module")
def stocked_database(
    mongodb_janitor: MongoClient[dict[str, Any]],
) -> Iterator[Database[dict[str, Any]]]:
    """Three hundred labs in ten namespaces, and the tombstones of thirty more."""
    database = mongodb_janitor[f"test-{uuid4().hex}"]
    database["views-1"].create_indexes(list(VIEW_INDEXES))
    lives = [(), (STARTED,), (STARTED, READY), (FAILED,), (GOING,)]
    writes = []
    for number in range(330):
        lab = created(
            f"lab-{number}",
            namespace=f"class-{number % 10}",
            template=["python-basics", "terminal"][number % 2],
            student=f"s{number}@example.org",
            labels={"k": ["one", "two", "three"][number % 3], "l": "x"},
        )
        life = (GOING, GONE) if number >= 300 else lives[number % 5]
        writes.append(to_write(change(lab, *life, position=number + 1)))
    database["views-1"].bulk_write(writes)
    yield database
    for collection in database.list_collection_names():
        database.drop_collection(collection)


def explained(database: Database[dict[str, Any]], command: Mapping[str, Any]) -> Any:
    return database.command("explain", dict(command), verbosity="executionStats")


def finding(condition: Condition, order: Sequence[tuple[str, int]]) -> Mapping[str, Any]:
    return {
        "find": "views-1",
        "filter": condition,
        "projection": SHOWN,
        "sort": dict(order),
        "limit": 21,
    }


def counting(condition: Condition) -> Mapping[str, Any]:
    counted = {"$group": {"_id": 1, "n": {"$sum": 1}}}
    return {"aggregate": "views-1", "pipeline": [{"$match": condition}, counted], "cursor": {}}


def values_of(key: str, plan: Any) -> Iterator[str]:
    """What a plan says under the key, at any depth; rejected plans are looked into as well."""
    if isinstance(plan, dict):
        if isinstance(plan.get(key), str):
            yield plan[key]
        for part in plan.values():
            yield from values_of(key, part)
    elif isinstance(plan, list):
        for part in plan:
            yield from values_of(key, part)


def assert_indexed(plan: Any) -> None:
    stages = set(values_of("stage", plan))
    assert stages & {"IXSCAN", "COUNT_SCAN", "DISTINCT_SCAN", "IDHACK"}, stages
    assert not stages & BAD, stages


@pytest.mark.parametrize("after", [None, AFTER])
@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS.keys())
def test_every_criterion_is_served_by_an_index_that_also_gives_the_order(
    stocked_database: Database[dict[str, Any]], wanted: ViewFilter, after: LabKey | None
) -> None:
    condition = matching(wanted, after=after)

    assert_indexed(explained(stocked_database, finding(condition, BY_PLACE)))
    assert_indexed(explained(stocked_database, counting(condition)))


@pytest.mark.parametrize(("name", "index"), INDEX.items())
def test_every_criterion_that_narrows_has_an_index_of_its_own(
    stocked_database: Database[dict[str, Any]], name: str, index: str
) -> None:
    condition = matching(FILTERS[name], after=None)
    plan = explained(stocked_database, finding(condition, BY_PLACE))

    assert index in set(values_of("indexName", plan))


@pytest.mark.parametrize("one", FILTERS)
def test_any_two_criteria_together_are_served_by_an_index_too(
    stocked_database: Database[dict[str, Any]], one: str
) -> None:
    first = FILTERS[one]
    for second in FILTERS.values():
        condition = matching(both(first, second), after=None)
        assert_indexed(explained(stocked_database, finding(condition, BY_PLACE)))


@pytest.mark.parametrize(
    ("command", "index"),
    [
        (finding(due_by(LATER), LONGEST_OVERDUE_FIRST), "due"),
        (finding(unsettled(None), BY_PLACE), "state-place"),
        (finding(unsettled(AFTER), BY_PLACE), "_id_"),
        ({"find": "views-1", "filter": owned_by(["uid-1", "uid-2"])}, "uid"),
    ],
)
def test_every_other_question_has_its_index(
    stocked_database: Database[dict[str, Any]], command: Mapping[str, Any], index: str
) -> None:
    plan = explained(stocked_database, command)

    assert_indexed(plan)
    assert index in set(values_of("indexName", plan))


def test_labs_are_counted_by_state_without_looking_at_any(
    stocked_database: Database[dict[str, Any]],
) -> None:
    command = {"aggregate": "views-1", "pipeline": list(COUNTED_BY_STATE), "cursor": {}}
    plan = explained(stocked_database, command)

    assert_indexed(plan)
    assert "FETCH" not in set(values_of("stage", plan))


def test_a_page_costs_as_much_as_it_shows(stocked_database: Database[dict[str, Any]]) -> None:
    for name in INDEX:
        condition = matching(FILTERS[name], after=None)
        stats = explained(stocked_database, finding(condition, BY_PLACE))["executionStats"]
        assert stats["totalDocsExamined"] <= stats["nReturned"] + 10, name


async def test_every_query_that_the_server_profiled_was_served_by_index(
    mongodb_server: str, mongodb_janitor: MongoClient[dict[str, Any]]
) -> None:
    name = f"test-{uuid4().hex}"
    database = mongodb_janitor[name]
    async with open_mongodb(of_database(mongodb_server, name)) as stores:
        model = stores.read_model
        lab = created("lab", labels={"k": "one"})
        await model.apply([change(lab, position=n) for n in (1, 2)], position=2)
        database.command("profile", 2)
        await model.apply([change(lab, GOING, position=3)], position=3)
        for wanted in FILTERS.values():
            await model.find(wanted, after=AFTER, limit=5)
            await model.count(wanted)
        await model.get(LabKey("class-a", "lab"))
        await model.due(LATER, limit=5)
        await model.owned(["uid"])
        await model.unsettled(after=None, limit=5)
        await model.count_by_state()
        await stores.checkpoints.save("watcher", Checkpoint(position=1, origin="log"))
        await stores.checkpoints.load("watcher")
        lease = await stores.leases.acquire("shard", holder="me", seconds=9)
        assert lease is not None
        await stores.leases.renew(lease, seconds=9)
        await stores.leases.release(lease)  # `holders` reads the few leases there are
    database.command("profile", 0)

    done = list(database["system.profile"].find({"ns": {"$ne": f"{name}.system.profile"}}))
    assert len(done) > 2 * len(FILTERS)
    assert [one["command"] for one in done if one.get("planSummary") == "COLLSCAN"] == []
    assert [one["command"] for one in done if one.get("hasSortStage")] == []
    for collection in database.list_collection_names():
        database.drop_collection(collection)
