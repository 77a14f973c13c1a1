"""Whatever is sent about API objects, the answer is a document of ours and no mistake of ours."""

import asyncio
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from api.events.versions import NEW_FIELDS, OLD_FIELDS
from tests.api.arrangement import Api, serving
from tests.api.labs.test_arbitrary_input import texts, values
from tests.searching import examples

NAMESPACES = "/api/v1/namespaces"
INSIDE = "namespaces/default"
COLLECTIONS = st.sampled_from(
    [
        NAMESPACES,
        f"/apis/coordination.k8s.io/v1/{INSIDE}/leases",
        f"/api/v1/{INSIDE}/events",
        f"/apis/events.k8s.io/v1/{INSIDE}/events",
    ]
)
_METADATA = ("name", "labels", "annotations", "finalizers", "managedFields", "resourceVersion")
_FIELDS = sorted(
    OLD_FIELDS | NEW_FIELDS | {"spec", "status", "holderIdentity", "metadata", "f:spec", "count"}
)
_ITEMS = st.sampled_from(["a", "course", "x" * 300]) | texts
_SOUND = st.fixed_dictionaries(
    {"metadata": st.fixed_dictionaries({"name": st.sampled_from(["a", "course"])})},
    optional={
        "spec": st.dictionaries(st.sampled_from(_FIELDS), values, max_size=3),
        "involvedObject": st.dictionaries(st.sampled_from(_FIELDS), values, max_size=3),
        "series": values,
        "source": values,
        "lastTimestamp": values,
    },
)
_BODIES = (
    _SOUND
    | values
    | st.fixed_dictionaries(
        {"metadata": st.dictionaries(st.sampled_from(_METADATA), values, max_size=4)}
    )
)
_PATCHES = {
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
}
_REQUESTS = st.tuples(
    st.sampled_from(["POST", "PUT", "PATCH", "DELETE"]),
    COLLECTIONS,
    _BODIES,
    st.sampled_from(["", "?dryRun=All", "?fieldValidation=Strict", "?fieldManager=me"]),
    st.sampled_from(sorted(_PATCHES)),
)
_TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}


def test_no_json_about_api_objects_brings_out_a_mistake_of_ours() -> None:
    with asyncio.Runner() as runner:

        @settings(max_examples=examples(80), deadline=None)
        @given(st.lists(_REQUESTS, min_size=1, max_size=5))
        def check(script: list[tuple[str, str, Any, str, str]]) -> None:
            runner.run(_answers_are_ours(script))

        check()


@settings(max_examples=examples(60), deadline=None)
@given(COLLECTIONS, _ITEMS, texts, texts)
def test_no_address_or_selector_of_api_objects_brings_out_a_mistake_of_ours(
    collection: str, name: str, labels: str, fields: str
) -> None:
    async def ask() -> None:
        async with serving() as api:
            query = {"labelSelector": labels, "fieldSelector": fields, "limit": name}
            listed = await api.client.get(collection, params=query)
            assert listed.status_code < 500, listed.text

    asyncio.run(ask())


async def test_absurd_nesting_is_refused(api: Api) -> None:
    nested: Any = {}
    for _ in range(300):
        nested = {"a": nested}
    path = f"/apis/coordination.k8s.io/v1/{INSIDE}/leases?fieldManager=me"
    answer = await api.client.post(path, json={"metadata": {"name": "a"}, "spec": nested})
    assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")


async def _answers_are_ours(script: list[tuple[str, str, Any, str, str]]) -> None:
    async with serving() as api:
        await api.declare_namespace("a")
        for method, collection, body, query, patch in script:
            path = collection if method == "POST" else f"{collection}/a"
            kind = patch if method == "PATCH" else "application/json"
            answer = await api.client.request(
                method,
                f"{path}{query}",
                content=msgspec.json.encode(body),
                headers={"Content-Type": kind},
            )
            assert answer.status_code < 500, answer.text
            assert answer.status_code < 300 or answer.json()["kind"] == "Status"
            for headers in ({}, _TABLE):
                listed = await api.client.get(collection, headers=headers)
                assert listed.status_code == 200, listed.text
