"""Bodies that cost much: from a client that has the token, and from peers that have none."""

import asyncio
import json

import pytest

from tests.api.http.test_bounds import doubling
from tests.hostile_peer.vigil import head, status_of, vigil
from tests.scenarios.service import LABS, Service, create, manifest

_YAML = {"Content-Type": "application/yaml"}
_APPLY = {"Content-Type": "application/apply-patch+yaml"}


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


async def test_bodies_of_peers_without_a_token_are_not_read(service: Service) -> None:
    upload = head("POST", LABS, "Content-Length: 3000000") + b"[" * 3_000_000
    codes: set[int] = set()
    async with vigil(service):
        for _ in range(5):
            answers = await asyncio.gather(*(_answer(service, upload) for _ in range(20)))
            codes |= {status_of(answer) for answer in answers}
    assert 401 in codes <= {401, 0}


async def _answer(service: Service, request: bytes) -> bytes:
    """The beginning of it; empty where the connection was closed while much of the request was
    still to be sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    try:
        writer.write(request)
        return await reader.read(64)
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


async def test_many_managers_and_large_objects_come_to_an_end(service: Service) -> None:
    codes: list[int] = []
    async with vigil(service), service.client() as client:
        await create(client, "managed")
        for number in range(120):
            notes = {f"example.com/{number}-{each}": "x" * 250 for each in range(250)}
            body = {**manifest("managed"), "metadata": {"name": "managed", "annotations": notes}}
            path = f"{LABS}/managed?fieldManager=m{number}&force=true"
            answer = await client.patch(path, content=json.dumps(body), headers=_APPLY)
            codes.append(answer.status_code)
            assert len(answer.content) < 3_000_000
        await asyncio.gather(*(client.get(f"{LABS}/managed/history") for _ in range(4)))
        await asyncio.gather(*(client.get(LABS) for _ in range(20)))
    assert codes[0] == 200
    assert codes[-1] in (413, 422)
