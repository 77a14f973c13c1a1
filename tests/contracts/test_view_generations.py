"""Views that are made beside those in use, over every store that keeps them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from application.ports.objects import ApiObjects
from application.ports.read_model import ForeignReadModel, ReadModel
from application.ports.selectors import EVERYTHING
from application.ports.view_generations import ViewGenerations
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.objects import SqliteApiObjects
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.view_generations import SqliteViewGenerations
from tests.contracts.given import READY, STARTED, SettableClock, change, created
from tests.contracts.test_api_objects import lease, written
from tests.contracts.test_read_model_commands import FIRST, done

_OLD = change(created("old", labels={"tier": "gold"}), position=1)
_NEW = change(created("new", labels={"tier": "iron"}), STARTED, READY, position=4)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The views in use, and the way to others."""

    present: ReadModel
    api_objects: ApiObjects
    generations: ViewGenerations


@pytest.fixture(params=["sqlite", "mongodb"])
async def kept(
    request: pytest.FixtureRequest, tmp_path: Path, store_clock: SettableClock
) -> AsyncIterator[Kept]:
    if request.param == "mongodb":
        async with open_mongodb(request.getfixturevalue("mongodb_uri")) as stores:
            yield Kept(
                present=stores.read_model,
                api_objects=stores.api_objects,
                generations=stores.generations,
            )
        return
    file = tmp_path / "labs.sqlite"
    database = SqliteDatabase.open(file, clock=store_clock)
    generations = SqliteViewGenerations(file, store_clock, release=database.close)
    yield Kept(
        present=SqliteReadModel(database),
        api_objects=SqliteApiObjects(database),
        generations=generations,
    )
    await generations.close()
    await database.close()
    assert not file.with_name("labs-views.sqlite").exists()


async def _names(views: ReadModel) -> list[str]:
    page = await views.find(EVERYTHING, after=None, limit=10)
    return [view.lab.key.name for view in page.views]


async def test_a_generation_is_empty_and_seen_by_nobody_before_it_is_used(kept: Kept) -> None:
    await kept.present.apply([_OLD], position=1)

    begun = await kept.generations.begin()
    fresh = begun.labs

    assert (await fresh.position(), await _names(fresh)) == (0, [])
    await fresh.claim("log")
    await fresh.apply([_NEW], position=4)
    assert (await fresh.position(), await _names(fresh)) == (4, ["new"])
    assert (await kept.present.position(), await _names(kept.present)) == (1, ["old"])


async def test_commands_come_over_with_the_views(kept: Kept) -> None:
    command = done(FIRST, 3)
    await kept.present.apply([_OLD], position=1)
    fresh = (await kept.generations.begin()).labs
    await fresh.apply([_NEW], position=4, commands=[command])
    assert (await kept.present.find_command(FIRST)).found is None
    await kept.generations.switch()
    assert (await kept.present.find_command(FIRST)).found == command


async def test_switching_puts_views_checkpoint_and_claim_in_the_place_of_the_others(
    kept: Kept,
) -> None:
    await kept.present.claim("another log")
    await kept.present.apply([_OLD], position=9)
    begun = await kept.generations.begin()
    fresh = begun.labs
    await fresh.claim("log")
    await fresh.apply([_NEW], position=4)

    await kept.generations.switch()

    assert (await kept.present.position(), await _names(kept.present)) == (4, ["new"])
    await kept.present.claim("log")
    with pytest.raises(ForeignReadModel):
        await kept.present.claim("another log")


async def test_api_objects_come_over_with_the_views(kept: Kept) -> None:
    old, new = written(lease("old"), 1), written(lease("new"), 2)
    await kept.api_objects.apply([old])
    begun = await kept.generations.begin()
    await begun.api_objects.apply([new])
    assert await kept.api_objects.get(new.key) is None
    await begun.labs.apply([], position=2)

    await kept.generations.switch()

    assert await kept.api_objects.get(old.key) is None
    assert await kept.api_objects.get(new.key) == new.after


async def test_a_generation_that_was_begun_and_never_used_leaves_nothing(kept: Kept) -> None:
    unused = await kept.generations.begin()
    await unused.labs.apply([_OLD], position=9)

    begun = await kept.generations.begin()
    fresh = begun.labs

    assert (await fresh.position(), await _names(fresh)) == (0, [])
    await kept.generations.switch()
    assert (await kept.present.position(), await _names(kept.present)) == (0, [])
    await kept.present.claim("any log")


async def test_the_views_go_on_after_a_switch(kept: Kept) -> None:
    await kept.generations.begin()
    await kept.generations.switch()

    await kept.present.apply([_NEW], position=4)

    assert await _names(kept.present) == ["new"]
