"""Searching for requests that are small and cost much: time is the judge, not only the answer."""

import asyncio
import time
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.arrangement import LABS, Api, manifest, serving
from tests.searching import examples

_DEAREST = 2.0  # seconds of processor time, of the tests' own work too
_LARGEST = 3 * 1024 * 1024

steps = st.sampled_from(["metadata", "annotations", "spec", "a", "0", "-"])
pointers = st.lists(steps, max_size=5).map(lambda path: "".join(f"/{step}" for step in path))
values = st.recursive(
    st.just("x" * 50),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("ab0"), inner),
)
operations = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "copy", "move", "test", "replace", "remove"]),
        "path": pointers,
    },
    optional={"from": pointers, "value": values},
)
json_patches = st.tuples(st.lists(operations, max_size=6), st.integers(1, 160)).map(
    lambda given: msgspec.json.encode(given[0] * given[1])
)
tokens = st.sampled_from([*"{}[]:,- \na1'|>#%?=!()@\\\"", "1:", "&a", "*a", "<<", "!!int", " in "])
soups = st.tuples(st.lists(tokens, min_size=1, max_size=12), st.integers(1, 4000)).map(
    lambda given: "".join(given[0]) * given[1]
)


async def _cost(api: Api, method: str, path: str, **request: Any) -> None:
    begun = time.process_time()
    answer = await api.client.request(method, path, **request)
    assert answer.status_code < 500, answer.text
    assert len(answer.content) < _LARGEST
    assert time.process_time() - begun < _DEAREST


def _searched(strategy: st.SearchStrategy[Any], number: int, ask: Any) -> None:
    async def one(drawn: Any) -> None:
        async with serving() as api:
            await api.client.post(LABS, json=manifest("lab1"))
            await ask(api, drawn)

    with asyncio.Runner() as runner:

        @settings(max_examples=examples(number), deadline=None)
        @given(strategy)
        def check(drawn: Any) -> None:
            runner.run(one(drawn))

        check()


def test_no_json_patch_costs_much() -> None:
    async def ask(api: Api, body: bytes) -> None:
        headers = {"Content-Type": "application/json-patch+json"}
        await _cost(api, "PATCH", f"{LABS}/lab1", content=body, headers=headers)

    _searched(json_patches, 40, ask)


def test_no_text_costs_much_as_a_body_or_a_selector() -> None:
    async def ask(api: Api, soup: str) -> None:
        body = soup[:200_000].encode()
        for kind in ("application/yaml", "application/json"):
            await _cost(api, "POST", LABS, content=body, headers={"Content-Type": kind})
        protobuf = {"Content-Type": "application/vnd.kubernetes.protobuf"}
        await _cost(api, "POST", "/api/v1/namespaces", content=b"k8s\0" + body, headers=protobuf)
        for name in ("labelSelector", "fieldSelector", "continue", "asOf"):
            await _cost(api, "GET", LABS, params={name: soup[:20_000]})

    _searched(soups, 30, ask)
