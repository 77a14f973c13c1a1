"""The index of the past beside views that an older program writes."""

from typing import Any

from pymongo.database import Database

from infrastructure.mongodb.connection import MongodbStores
from tests.contracts.test_past_index import STORY


async def test_an_older_program_leaves_the_index_behind_until_it_is_made_up_for(
    stores: MongodbStores, database: Database[dict[str, Any]]
) -> None:
    views, past = stores.read_model, stores.past_index
    await views.apply((), position=3)
    database["read-model"].update_one({}, {"$max": {"position": 9}})
    assert await past.reached() == 3
    await views.apply((), position=10)
    assert (await views.position(), await past.reached()) == (10, 3)
    await past.catch_up(STORY, position=10)
    await views.apply((), position=11)
    assert await past.reached() == 11


async def test_views_of_a_database_without_an_index_are_known_as_such(
    stores: MongodbStores, database: Database[dict[str, Any]]
) -> None:
    await stores.read_model.apply((), position=3)
    database["read-model"].update_one({}, {"$unset": {"indexed": ""}})
    assert await stores.past_index.reached() == 0
    await stores.read_model.apply((), position=4)
    assert await stores.past_index.reached() == 0


async def test_the_index_of_replaced_views_goes_with_them(
    stores: MongodbStores, database: Database[dict[str, Any]]
) -> None:
    await stores.read_model.apply((), position=9, passed=STORY)
    for _ in range(2):
        fresh = await stores.generations.begin()
        await fresh.labs.apply((), position=9, passed=STORY)
        await stores.generations.switch()
    assert await stores.past_index.reached() == 9
    assert len(await stores.past_index.stretches()) == 2
    assert "lifetimes-1" not in database.list_collection_names()
