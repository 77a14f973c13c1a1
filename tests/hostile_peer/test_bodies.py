"""Bodies that are small and cost much, from a client that has the token."""

import asyncio

import pytest

from tests.api.http.test_bounds import doubling
from tests.hostile_peer.vigil import vigil
from tests.scenarios.service import LABS, Service, create

_YAML = {"Content-Type": "application/yaml"}


async def test_patches_that_double_stop_nobody(service: Service) -> None:
    async with vigil(service), service.client() as client:
        await create(client, "doubled")
        headers = {"Content-Type": "application/json-patch+json"}
        patches = [
            client.patch(f"{LABS}/doubled", json=doubling(times), headers=headers)
            for times in (18, 20, 30, 500) * 5
        ]
        answers = await asyncio.gather(*patches)
    assert {answer.status_code for answer in answers} == {422}


@pytest.mark.parametrize(
    "body",
    [
        "a: [" + "x," * 100_000 + "]",
        "".join(f"k{each}: [1, {{a: b}}]\n" for each in range(9000)),
    ],
    ids=["list", "mappings"],
)
async def test_large_yaml_is_read_beside_the_loop(service: Service, body: str) -> None:
    async with vigil(service), service.client() as client:
        posts = [client.post(LABS, content=body, headers=_YAML) for _ in range(12)]
        answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} <= {400, 429}
