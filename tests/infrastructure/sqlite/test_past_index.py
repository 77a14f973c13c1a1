"""The index of the past in files that an older program has written."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from application.ports.past_index import Ending, Passed, Within
from infrastructure.sqlite.connections import connect
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.past_index import SqlitePastIndex, alive_sql
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.schema import APPLICATION_ID, VERSIONS
from tests.contracts.given import SettableClock
from tests.contracts.test_past_index import ANN, BOB, STORY, stretch


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lab.db"


async def test_views_of_a_file_without_an_index_stay_and_the_index_is_made_up_for(
    path: Path,
) -> None:
    with closing(connect(path)) as connection:
        connection.executescript(
            f"{''.join(VERSIONS[:8])} PRAGMA application_id = {APPLICATION_ID};"
            "PRAGMA user_version = 8; UPDATE checkpoint SET position = 5"
        )
    database = SqliteDatabase.open(path, clock=SettableClock())
    views, past = SqliteReadModel(database), SqlitePastIndex(database)
    assert (await views.position(), await past.reached()) == (5, 0)
    await views.apply((), position=9, passed=Passed(ended=STORY.ended[1:]))
    assert (await views.position(), await past.reached()) == (9, 0)
    await past.catch_up(Passed(born=(ANN, BOB), stretches=(stretch(0, 4),)), position=4)
    assert await past.reached() == 4
    later = Passed(ended=(Ending(key=BOB.key, version=2, position=8),))
    await past.catch_up(later, position=9)
    await views.apply((), position=10)
    assert await past.reached() == 10
    assert await past.alive(9, Within(), after=None, limit=5) == [ANN]
    await database.close()


@pytest.mark.parametrize("within", [Within(), Within(namespace="a"), Within(name="b")])
async def test_lists_of_the_living_follow_the_key_and_never_sort(
    path: Path, within: Within
) -> None:
    database = SqliteDatabase.open(path, clock=SettableClock())
    statement, values = alive_sql(5, within, after=ANN.key, limit=9)
    with closing(sqlite3.connect(path)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    steps = [step[3] for step in plan]
    assert all("PRIMARY KEY" in step and "TEMP B-TREE" not in step for step in steps), steps
    await database.close()
