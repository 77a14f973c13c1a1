"""What SQLite adds to the contract of read models: every question is served by an index."""

import sqlite3

import pytest

from application.ports.event_store import EMPTY
from application.ports.read_model import ReadModelUnavailable
from application.ports.selectors import (
    EVERYTHING,
    FieldRequirement,
    LabelRequirement,
    LabField,
    Operator,
    ViewFilter,
)
from domain.lab_instance.key import LabKey
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.read_model import (
    BY_STATE,
    DUE,
    GET,
    OWNED,
    SqliteReadModel,
    count_sql,
    page_sql,
    unsettled_query,
)
from infrastructure.sqlite.view_query import query_for
from tests.contracts.given import change, created, new
from tests.infrastructure.sqlite.faulty import Disk

PRIMARY = "sqlite_autoindex_views_1"
AFTER = LabKey("class-a", "lab-7")


def plan(database: SqliteDatabase, statement: str) -> list[str]:
    """How SQLite goes about the statement, step by step."""

    def explained(file: sqlite3.Connection) -> list[str]:
        values = ["x"] * statement.count("?")
        steps = file.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
        return [step[3] for step in steps]

    return database.read(explained)


def assert_indexed(steps: list[str], index: str) -> None:
    assert any(index in step for step in steps), steps
    assert not any(step.startswith("SCAN") for step in steps), steps
    assert not any("USE TEMP B-TREE" in step for step in steps), steps


def fields(**wanted: str) -> ViewFilter:
    return ViewFilter(
        fields=tuple(
            FieldRequirement(field=LabField[name], value=value, negated=False)
            for name, value in wanted.items()
        )
    )


def label(operator: Operator, *values: str) -> ViewFilter:
    return ViewFilter(labels=(LabelRequirement(key="k", operator=operator, values=values),))


@pytest.mark.parametrize("after", [None, AFTER])
@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (EVERYTHING, PRIMARY),
        (fields(NAMESPACE="class-a"), PRIMARY),
        (fields(NAMESPACE="class-a", NAME="lab"), PRIMARY),
        (fields(STATE="ready"), "views_state"),
        (fields(STATE="ready", NAMESPACE="class-a"), "views_state"),
        (fields(TEMPLATE="terminal"), "views_template"),
        (fields(TEMPLATE="terminal", NAMESPACE="class-a"), "views_template"),
        (fields(STUDENT="ada@example.org"), "views_student"),
        (fields(STUDENT="ada@example.org", NAMESPACE="class-a"), "views_student"),
        (label(Operator.IN, "one"), "labels_value"),
        (label(Operator.IN, "one", "two"), "(namespace=? AND name=? AND key=?)"),
        (label(Operator.NOT_IN, "one"), "(namespace=? AND name=? AND key=?)"),
        (label(Operator.EXISTS), "(namespace=? AND name=? AND key=?)"),
        (label(Operator.ABSENT), "(namespace=? AND name=? AND key=?)"),
    ],
)
def test_every_criterion_is_served_by_an_index_that_also_gives_the_order(
    database: SqliteDatabase, wanted: ViewFilter, index: str, after: LabKey | None
) -> None:
    query = query_for(wanted, after=after)

    assert_indexed(plan(database, page_sql(query)), index)
    assert_indexed(plan(database, count_sql(query)), index)


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (GET, PRIMARY),
        (DUE, "views_due"),
        (page_sql(unsettled_query(None)), "views_unsettled"),
        (page_sql(unsettled_query(AFTER)), "views_unsettled"),
    ],
)
async def test_every_other_question_has_its_index(
    database: SqliteDatabase, statement: str, index: str
) -> None:
    assert_indexed(plan(database, statement), index)


async def test_owners_are_looked_up_one_by_one(database: SqliteDatabase) -> None:
    steps = plan(database, OWNED)

    assert any(step.startswith("SEARCH views USING INDEX views_uid") for step in steps)
    assert not any(step.startswith("SCAN views") for step in steps)


async def test_labs_are_counted_from_an_index_alone(database: SqliteDatabase) -> None:
    assert plan(database, BY_STATE) == ["SCAN views USING COVERING INDEX views_state"]


async def test_views_and_checkpoint_stand_or_fall_together(
    database: SqliteDatabase, disk: Disk
) -> None:
    model = SqliteReadModel(database)
    disk.break_at("UPDATE checkpoint", sqlite3.OperationalError("disk I/O error"))

    with pytest.raises(ReadModelUnavailable, match="disk I/O error"):
        await model.apply([change(created("lab"), position=1)], position=1)

    assert await model.count(EVERYTHING) == 0
    disk.heal()
    await model.apply([change(created("lab"), position=1)], position=1)
    assert (await model.count(EVERYTHING), await model.position()) == (1, 1)


async def test_events_and_views_share_a_file_and_its_writer(database: SqliteDatabase) -> None:
    store, model = SqliteEventStore(database), SqliteReadModel(database)

    [recorded] = await store.append("s", [new(created("lab"))], expected=EMPTY)
    await model.apply(
        [change(created("lab"), position=recorded.position)], position=recorded.position
    )

    assert await model.position() == await store.head()


async def test_a_read_that_fails_leaves_no_transaction_behind(
    database: SqliteDatabase, disk: Disk
) -> None:
    model = SqliteReadModel(database)
    disk.break_at("SELECT v.", sqlite3.OperationalError("disk I/O error"))
    with pytest.raises(ReadModelUnavailable):
        await model.find(EVERYTHING, after=None, limit=1)
    disk.heal()
    await model.apply([change(created("lab"), position=1)], position=1)

    assert len((await model.find(EVERYTHING, after=None, limit=1)).views) == 1


async def test_a_closed_read_model_says_so(database: SqliteDatabase) -> None:
    await database.close()

    with pytest.raises(ReadModelUnavailable, match="it has been closed"):
        await SqliteReadModel(database).position()
    with pytest.raises(ReadModelUnavailable, match="it has been closed"):
        await SqliteReadModel(database).apply([], position=1)
