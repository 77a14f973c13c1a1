"""Views made anew are those that the projector makes, in every read model."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from application.ports.past_index import PastIndex, Within
from application.ports.read_model import ReadModel
from application.ports.selectors import EVERYTHING
from application.ports.view_generations import ViewGenerations
from application.projections.rebuilding import rebuild
from domain.lab_instance.key import LabKey
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.past_index import SqlitePastIndex
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.view_generations import SqliteViewGenerations
from tests.application.arrangement import Arrangement, arranged
from tests.contracts.given import SettableClock
from tests.domain.test_user_commands import abandon, change, create

LABS = 70
"""More than are written in one part."""


@pytest.fixture(params=["sqlite", "mongodb"])
async def target(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[ReadModel, PastIndex, ViewGenerations]]:
    if request.param == "mongodb":
        async with open_mongodb(request.getfixturevalue("mongodb_uri")) as stores:
            yield stores.read_model, stores.past_index, stores.generations
        return
    path, clock = tmp_path / "lab.db", SettableClock()
    database = SqliteDatabase.open(path, clock=clock)
    generations = SqliteViewGenerations(path, clock, release=database.close)
    yield SqliteReadModel(database), SqlitePastIndex(database), generations
    await generations.close()
    await database.close()


async def story(app: Arrangement) -> None:
    for number in range(LABS):
        await app.send(replace(create, lab=LabKey("default", f"l{number}"), uid=f"u{number}"))
    for number in range(0, LABS, 7):
        key = LabKey("default", f"l{number}")
        await app.send(replace(abandon, lab=key))
        if number % 2:
            await app.send(replace(create, lab=key, uid=f"again-{number}"))
    await app.send(replace(change, lab=LabKey("default", "l1"), labels={"team": "a"}))


async def test_views_and_the_index_made_anew_are_what_the_projector_makes(
    target: tuple[ReadModel, PastIndex, ViewGenerations],
) -> None:
    views, past, generations = target
    app = arranged()
    async with app.projecting():
        await story(app)
        end = await app.store.head()
        assert await app.projected.reached(end, within=2)
    reports: list[tuple[int, int]] = []
    done = await rebuild(app.store, views, generations, lambda *told: reports.append(told))
    wanted = await app.read_model.find(EVERYTHING, after=None, limit=2 * LABS)
    found = await views.find(EVERYTHING, after=None, limit=2 * LABS)
    assert found == wanted
    assert (done.views, done.position) == (len(wanted.views), end)
    assert await past.reached() == end
    for position in (1, LABS, end - 5, end):
        mine = await past.alive(position, Within(), after=None, limit=2 * LABS)
        theirs = await app.read_model.past.alive(position, Within(), after=None, limit=2 * LABS)
        assert list(mine) == list(theirs)
    assert (reports[0], reports[-1]) == ((0, end), (end, end))
