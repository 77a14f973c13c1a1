"""Many clients at once: no change is lost, refused for its company, or told twice."""

import asyncio
from typing import Any

import httpx

from tests.scenarios.conftest import NewService
from tests.scenarios.service import LABS, create, until_state

_MERGE = {"Content-Type": "application/merge-patch+json"}


async def test_patches_of_one_lab_by_many_clients_at_once_all_succeed_and_none_is_lost(
    new_service: NewService,
) -> None:
    service = new_service()
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        await until_state(client, "ann", "ready")

        async def patch_often(who: int) -> None:
            for number in range(5):
                patched = await _patch(client, {"labels": {f"client-{who}": str(number)}})
                assert patched.status_code == 200, patched.text

        await asyncio.gather(*(patch_often(who) for who in range(20)))
        lab = (await client.get(f"{LABS}/ann")).json()
    assert lab["metadata"]["labels"] == {f"client-{who}": "4" for who in range(20)}


async def _patch(client: httpx.AsyncClient, metadata: dict[str, Any]) -> httpx.Response:
    return await client.patch(f"{LABS}/ann", json={"metadata": metadata}, headers=_MERGE)
