"""The one MongoDB server of a test run, started when a test first needs it, the order of a run
that is shared, and the table of clients that is printed at its end."""

import gc
import logging
import os
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from pymongo import MongoClient

from tests.searching import FACTOR, examples
from tests.servers.left_behind import nothing_left
from tests.servers.loaded import end_parent
from tests.servers.mongod import running_mongod
from tests.servers.mongodb_uri import of_database

settings.register_profile(
    "suite",
    derandomize=FACTOR == 0,
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.too_slow],  # of a machine that others use, too
)
settings.load_profile("suite")
pytest_plugins = ["tests.clients.table"]

_LONGEST = (
    "tests/hostile/",
    "tests/faults/",
    "tests/scenarios/",
    "tests/clients/",
    "tests/fuzzing/",
    "tests/hostile_peer/",
    "tests/simulation/",
    "tests/infrastructure/process/",
    "tests/contracts/",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several workers share the run, files of whole processes come first, the longest of
    them before all: one of them begun last would keep a single worker busy alone."""
    if hasattr(config, "workerinput"):
        items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    begins = (turn for turn, room in enumerate(_LONGEST) if item.nodeid.startswith(room))
    return next(begins, len(_LONGEST))


def pytest_sessionstart() -> None:
    """What tests are collected from stays, so looking for garbage in it is in vain."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on the collector looks at what tests make, and at that alone."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A run that leaves anything behind has failed. Made first, so it looks when all is over."""
    with nothing_left(tmp_path_factory.getbasetemp()):
        yield
        end_parent()


@pytest.fixture(autouse=True)
def logging_is_on() -> Iterator[None]:
    """Commands switch it off for their process, which here is that of other tests as well."""
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def mongodb_server() -> Iterator[str]:
    """The address of the server: that in MONGODB_URI, or else one of our own. A machine
    without any fails the test that wanted one: nothing is skipped unseen."""
    given = os.environ.get("MONGODB_URI")
    if given:
        yield given
        return
    with running_mongod() as server:
        yield server.uri


@pytest.fixture(scope="session")
def mongodb_janitor(mongodb_server: str) -> Iterator[MongoClient[dict[str, Any]]]:
    """A client of the same server, to prepare and to clear away."""
    with MongoClient[dict[str, Any]](mongodb_server) as client:
        yield client


@pytest.fixture
def mongodb_uri(
    mongodb_server: str, mongodb_janitor: MongoClient[dict[str, Any]]
) -> Iterator[str]:
    """The address of an empty database, which is gone after the test."""
    name = f"test-{uuid4().hex}"
    yield of_database(mongodb_server, name)
    database = mongodb_janitor[name]
    for collection in database.list_collection_names():  # dropping it whole waits for 0.1 s
        database.drop_collection(collection)
