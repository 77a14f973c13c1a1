"""Rows that cannot be read, as only this file has them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from application.ports.read_model import UnreadableReadModel
from application.ports.selectors import EVERYTHING
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.read_model import SqliteReadModel
from tests.contracts.given import change, created


@pytest.fixture
async def views(database: SqliteDatabase) -> SqliteReadModel:
    """Five labs."""
    model = SqliteReadModel(database)
    changes = [change(created(name), position=at) for at, name in enumerate("abcde", 1)]
    await model.apply(changes, position=5)
    return model


async def test_a_name_that_is_not_utf8_is_damage_and_no_outage(
    views: SqliteReadModel, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE views SET name = CAST(x'e2' AS TEXT) WHERE name = 'b'")
    with pytest.raises(UnreadableReadModel, match="Could not decode"):
        await views.find(EVERYTHING, after=None, limit=9)


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_a_page_takes_two_readings_at_most_whatever_is_left_out(
    views: SqliteReadModel, database: SqliteDatabase, path: Path, limit: int
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE views SET document = '{' WHERE name < 'e'")
    statements: list[str] = []
    await database.read_aside(lambda file: file.set_trace_callback(statements.append))
    page = await views.find(EVERYTHING, after=None, limit=limit)
    assert [view.lab.key.name for view in page.views] == ["e"]
    assert sum("document" in statement for statement in statements) <= 2
