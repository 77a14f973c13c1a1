"""Whatever is sent, the answer is a document of ours and never a mistake of ours."""

import asyncio
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from api.labs.given import KNOWN_FIELDS
from tests.api.arrangement import LABS, SEED_SPEC, Api, manifest, serving
from tests.searching import examples

texts = st.text(max_size=20) | st.sampled_from(
    ["", "lab1", "lab2", "default", "60m", "0s", "python-basics", "\x00", "a/b", "1", "x" * 300]
)
scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | texts
)
names = st.sampled_from(sorted(KNOWN_FIELDS | {"by", "preconditions", "dryRun", "replicas"}))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names | texts, inner, max_size=6),
    max_leaves=20,
)
resources = st.fixed_dictionaries(
    {},
    optional={
        "metadata": st.dictionaries(names, values, max_size=5) | values,
        "spec": st.dictionaries(names, values, max_size=5) | values,
        "kind": values,
    },
)
parameters = st.sampled_from(
    [
        "labelSelector",
        "fieldSelector",
        "limit",
        "continue",
        "resourceVersion",
        "resourceVersionMatch",
        "asOf",
        "watch",
    ]
)
requests = st.tuples(
    st.sampled_from(
        [
            ("POST", ""),
            ("PUT", "/lab1"),
            ("PATCH", "/lab1"),
            ("DELETE", "/lab1"),
            ("PUT", "/lab1/status"),
            ("PATCH", "/lab1/status"),
            ("PUT", "/lab1/scale"),
            ("PATCH", "/lab1/scale"),
            ("POST", "/lab1/extend"),
            ("POST", "/lab1/restart"),
        ]
    ),
    values | resources,
    st.sampled_from(["", "?dryRun=All", "?fieldValidation=Strict"]),
)


def test_no_json_about_labs_brings_out_a_mistake_of_ours() -> None:
    with asyncio.Runner() as runner:

        @settings(max_examples=examples(80), deadline=None)
        @given(st.lists(requests, min_size=1, max_size=4))
        def check(script: list[tuple[tuple[str, str], Any, str]]) -> None:
            runner.run(_answers_are_ours(script))

        check()


@settings(max_examples=examples(60), deadline=None)
@given(st.dictionaries(parameters, texts))
def test_no_query_of_labs_brings_out_a_mistake_of_ours(query: dict[str, str]) -> None:
    async def ask() -> None:
        async with serving() as api:
            await api.create("lab1")
            query["timeoutSeconds"] = "x" if "watch" in query else ""
            answer = await api.client.get(LABS, params=query)
            assert answer.status_code < 500 or answer.status_code == 504, answer.text

    asyncio.run(ask())


async def _answers_are_ours(script: list[tuple[tuple[str, str], Any, str]]) -> None:
    async with serving() as api:
        await api.client.post(LABS, json={**manifest("lab1"), "spec": SEED_SPEC})
        for (method, path), body, query in script:
            await _answer_is_ours(api, method, f"{LABS}{path}{query}", body)


async def _answer_is_ours(api: Api, method: str, path: str, body: Any) -> None:
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    content = msgspec.json.encode(body)
    answer = await api.client.request(
        method, path, content=content, headers={"Content-Type": kind}
    )
    assert answer.status_code < 500, answer.text
    document = answer.json()
    if answer.status_code < 300:
        assert document["kind"] == ("Scale" if "/scale" in path else "LabInstance")
    else:
        assert (document["kind"], document["code"]) == ("Status", answer.status_code)
