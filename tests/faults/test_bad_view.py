"""Views of a lab and of a namespace that cannot be read, on the real service and either store."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from tests.faults.conftest import NewService
from tests.scenarios.labctl import labctl
from tests.scenarios.service import LABS, Service, create, eventually, manifest, until_state

NAMESPACES = "/api/v1/namespaces"


@pytest.fixture
def harmful(mongodb_uri: str, mongodb_janitor: MongoClient[dict[str, Any]]) -> Callable[[], None]:
    """Spoils the views of `ann` and of the namespace `default` on the server."""
    name = mongodb_uri.partition("://")[2].partition("/")[2].partition("?")[0]

    def harm() -> None:
        views, objects = (mongodb_janitor[name][f"{kind}-1"] for kind in ("views", "documents"))
        assert views.update_one({"_id": "default ann"}, {"$set": {"document": 7}}).matched_count
        spoiled = objects.update_one({"_id": "namespace  default"}, {"$set": {"document": "{"}})
        assert spoiled.matched_count

    return harm


async def two_labs(service: Service) -> None:
    await service.start()
    async with service.client() as client:
        for name in ("ann", "bob"):
            await create(client, name)
            await until_state(client, name, "ready")


async def assert_goes_on(service: Service) -> None:
    """Others live and are made, and after a moment nothing is missing."""
    async with service.client() as client:
        assert (await client.get(f"{LABS}/bob")).status_code == 200
        assert (await client.get(f"{LABS}/ann")).status_code in {200, 503}
        await client.get(NAMESPACES)

        async def created() -> bool:
            answer = await client.get(f"{LABS}/cid")
            return answer.status_code == 200 or (await _created(client, "cid"))

        await eventually(created)
        await until_state(client, "cid", "ready")

        async def all_listed() -> bool:
            items = (await client.get(LABS)).json()["items"]
            spaces = (await client.get(NAMESPACES)).json()["items"]
            return {item["metadata"]["name"] for item in items} == {"ann", "bob", "cid"} and (
                "default" in {item["metadata"]["name"] for item in spaces}
            )

        await eventually(all_listed)
        assert (await client.get(f"{LABS}/ann")).json()["status"]["state"] == "ready"
        assert (await client.get(f"{NAMESPACES}/default")).status_code == 200
    logged = service.logs.read_text()
    for name in ("default/ann", "namespace default"):
        assert [line for line in logged.splitlines() if name in line and "cannot be read" in line]
        assert [line for line in logged.splitlines() if name in line and "made anew" in line]


async def _created(client: httpx.AsyncClient, name: str) -> bool:
    return bool((await client.post(LABS, json=manifest(name))).status_code == 201)


async def test_views_in_the_file_that_cannot_be_read_stop_nobody_and_are_made_anew(
    new_service: NewService,
) -> None:
    service = new_service()
    await two_labs(service)
    await service.stop()
    with closing(sqlite3.connect(service.data_dir / "labs.sqlite")) as connection:
        connection.execute("UPDATE views SET document = '{' WHERE name = 'ann'")
        connection.commit()
        told = (await labctl(service.variables, "verify")).stderr
        assert "default/ann is not what the log gives" in told
        connection.execute("UPDATE documents SET document = '{' WHERE name = 'default'")
        connection.commit()
    await service.start()
    await assert_goes_on(service)
    await service.stop()
    assert (await labctl(service.variables, "verify")).returncode == 0


async def test_views_in_mongodb_that_cannot_be_read_stop_nobody_and_are_made_anew(
    new_service: NewService, mongodb_uri: str, harmful: Callable[[], None]
) -> None:
    service = new_service(LAB_READ_MODEL=mongodb_uri)
    await two_labs(service)
    harmful()
    await assert_goes_on(service)
    harmful()
    await service.stop()
    rebuilt = await labctl(service.variables, "rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    await service.start()
    async with service.client() as client:
        await until_state(client, "ann", "ready")
