"""Namespaces of a real service: they go with their labs, even when the service dies meanwhile."""

from typing import Any

import httpx

from tests.scenarios.conftest import NewService
from tests.scenarios.service import SPEC, eventually

NAMESPACES = "/api/v1/namespaces"
LABS = "/apis/lab.neuroglia.com/v1/namespaces/course/labinstances"


def lab(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": SPEC}


async def names(client: httpx.AsyncClient) -> list[str]:
    return [item["metadata"]["name"] for item in (await client.get(NAMESPACES)).json()["items"]]


async def test_a_namespace_that_was_going_when_the_service_died_goes_after_its_restart(
    new_service: NewService,
) -> None:
    service = new_service(LAB_POLL_INTERVAL="0.2s")
    await service.start()
    async with service.client() as client:

        async def is_there() -> bool:
            return "default" in await names(client)

        await eventually(is_there)
        assert (await client.post(LABS, json=lab("ann"))).status_code == 404
        made = await client.post(NAMESPACES, json={"metadata": {"name": "course"}})
        assert made.status_code == 201
        for name in ("ann", "bob"):
            assert (await client.post(LABS, json=lab(name))).status_code == 201
        going = await client.delete(f"{NAMESPACES}/course")
        assert going.json()["status"]["phase"] == "Terminating"
    await service.kill()
    await service.start()
    async with service.client() as client:

        async def is_gone() -> bool:
            return "course" not in await names(client)

        await eventually(is_gone)
        assert (await client.get(LABS)).json()["items"] == []
        history = (await client.get(f"{LABS}/ann/history")).json()["items"]
        assert history[-1]["type"] == "lab-instance.deleted.v1"
        assert history[-1]["proof"]
        assert (await client.post(LABS, json=lab("ann"))).status_code == 404
    await service.stop()
