"""The stores on MongoDB's own image, with a user and without a replica set."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from application.ports.checkpoints import Checkpoint
from application.ports.selectors import EVERYTHING
from infrastructure.mongodb.connection import open_mongodb
from tests.contracts.given import change, created
from tests.servers.mongodb_uri import of_database

IMAGE = "mongo:8.0.15"


def no_engine() -> str:
    """Why there is no Docker to use; empty when there is one."""
    docker = shutil.which("docker")
    if docker is None:
        return "there is no docker on the PATH"
    asked = subprocess.run([docker, "info"], capture_output=True, check=False, timeout=20)
    return "" if asked.returncode == 0 else "there is no Docker daemon to talk to"


@pytest.fixture(scope="module")
def in_docker() -> Iterator[str]:
    missing = no_engine()
    if missing:
        pytest.skip(missing)
    from testcontainers.community.mongodb import (  # noqa: PLC0415  slow, and only needed here
        MongoDbContainer,
    )

    with MongoDbContainer(IMAGE) as container:
        yield container.get_connection_url()


@pytest.mark.external
async def test_views_checkpoints_and_leases_are_kept_in_a_container(in_docker: str) -> None:
    async with open_mongodb(of_database(in_docker, "labs")) as stores:
        await stores.read_model.claim("log")
        await stores.read_model.apply([change(created("lab"), position=1)], position=1)
        await stores.checkpoints.save("watcher", Checkpoint(position=7, origin="log"))

        assert await stores.read_model.count(EVERYTHING) == 1
        assert await stores.checkpoints.load("watcher") == Checkpoint(position=7, origin="log")
        assert await stores.leases.acquire("shard", holder="me", seconds=9) is not None
