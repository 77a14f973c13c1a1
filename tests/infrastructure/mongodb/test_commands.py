"""Commands in MongoDB: of an older release, and damaged."""

from uuid import UUID, uuid5

import pymongo
import pytest

from application.ports.read_model import UnreadableReadModel
from application.ports.views import CarriedOut
from infrastructure.mongodb.connection import open_mongodb

COMMAND = uuid5(UUID("9c1c7a4e-6f35-4d0e-8b57-5f0c5b0f2a11"), "a key")
DONE = CarriedOut(command=COMMAND, version=2, position=3)


async def test_views_of_a_release_that_noted_no_commands_are_gone_through_again_once(
    mongodb_uri: str,
) -> None:
    async with open_mongodb(mongodb_uri) as stores:
        await stores.read_model.apply([], position=9)
    with pymongo.MongoClient[dict[str, object]](mongodb_uri) as client:
        states = client.get_default_database("labs")["read-model"]
        states.update_one({"_id": "views"}, {"$unset": {"commands": ""}})
    async with open_mongodb(mongodb_uri) as stores:
        assert await stores.read_model.position() == 0
        await stores.read_model.apply([], position=9, commands=[DONE])
    async with open_mongodb(mongodb_uri) as stores:
        assert await stores.read_model.position() == 9


async def test_a_damaged_note_is_no_sign_that_a_command_never_was_carried_out(
    mongodb_uri: str,
) -> None:
    async with open_mongodb(mongodb_uri) as stores:
        await stores.read_model.apply([], position=9, commands=[DONE])
        with pymongo.MongoClient[dict[str, object]](mongodb_uri) as client:
            database = client.get_default_database("labs")
            [name] = [one for one in database.list_collection_names() if "commands-" in one]
            database[name].update_one({}, {"$set": {"version": "two"}})
        with pytest.raises(UnreadableReadModel):
            await stores.read_model.find_command(COMMAND)
