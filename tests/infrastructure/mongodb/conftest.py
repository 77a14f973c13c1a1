"""Stores on an empty database, and the database itself to look into."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from infrastructure.mongodb.connection import MongodbStores, open_mongodb
from infrastructure.mongodb.read_model import MongodbReadModel
from tests.servers.mongod import Mongod, running_mongod


@pytest.fixture
async def stores(mongodb_uri: str) -> AsyncIterator[MongodbStores]:
    async with open_mongodb(mongodb_uri) as opened:
        yield opened


@pytest.fixture
def model(stores: MongodbStores) -> MongodbReadModel:
    return stores.read_model


@pytest.fixture
def database(
    mongodb_uri: str, mongodb_janitor: MongoClient[dict[str, Any]]
) -> Database[dict[str, Any]]:
    """The database behind `stores`, without them."""
    name = mongodb_uri.partition("://")[2].partition("/")[2].partition("?")[0]
    return mongodb_janitor[name]


@pytest.fixture(scope="module")
def own_mongod() -> Iterator[Mongod]:
    """A server of one's own, to be frozen, killed and told to fail: of no replica set."""
    fails = ("--setParameter", "enableTestCommands=1")
    with running_mongod(replicated=False, arguments=fails) as server:
        yield server
