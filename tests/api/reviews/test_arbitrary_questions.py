"""Whatever is asked in reviews, or of Events and definitions, the answer is never our mistake."""

import asyncio
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.arrangement import Api, serving
from tests.api.labs.test_arbitrary_input import values
from tests.searching import examples

REVIEWS = [
    "authorization.k8s.io/v1/selfsubjectaccessreviews",
    "authorization.k8s.io/v1/selfsubjectrulesreviews",
    "authorization.k8s.io/v1/subjectaccessreviews",
    "authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews",
    "authentication.k8s.io/v1/selfsubjectreviews",
    "authentication.k8s.io/v1/tokenreviews",
]
LISTS = [
    "/api/v1/events",
    "/api/v1/namespaces/default/events",
    "/apis/events.k8s.io/v1/events",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
]
FIELDS = ["resourceAttributes", "nonResourceAttributes", "user", "groups", "namespace", "token"]
attributes = st.dictionaries(
    st.sampled_from(["verb", "resource", "group", "path", "namespace"]), values, max_size=4
)
specs = st.dictionaries(st.sampled_from(FIELDS), attributes | values, max_size=4)
bodies = values | st.fixed_dictionaries({"spec": specs | values}, optional={"kind": values})
parts = st.sampled_from(
    [
        *("involvedObject.name", "regarding.uid", "reason", "metadata.name", "source"),
        *("=", "!=", "==", ",", "\\", "a", "LabInstance", "course", "in (", ")"),
    ]
)
queries = st.dictionaries(
    st.sampled_from(
        [
            *("labelSelector", "fieldSelector", "limit", "continue", "resourceVersion"),
            *("resourceVersionMatch", "asOf", "watch", "sendInitialEvents"),
        ]
    ),
    st.lists(parts, max_size=5).map("".join) | st.sampled_from(["", "1", "true", "Exact"]),
)


def test_no_review_brings_out_a_mistake_of_ours() -> None:
    async def post(api: Api, path: str, body: Any) -> None:
        answer = await api.client.post(f"/apis/{path}", content=msgspec.json.encode(body))
        assert answer.status_code in (201, 400, 422), answer.text
        assert answer.json()["kind"] in ("Status", *_kinds(path))

    _for_all(st.sampled_from(REVIEWS), bodies, post)


def test_no_query_of_events_or_definitions_brings_out_a_mistake_of_ours() -> None:
    async def get(api: Api, path: str, query: dict[str, str]) -> None:
        wanted = {**query, "timeoutSeconds": "x" if "watch" in query else ""}
        answer = await api.client.get(path, params=wanted)
        assert answer.status_code < 500 or answer.status_code == 504, answer.text

    _for_all(st.sampled_from(LISTS), queries, get)


def _for_all(paths: st.SearchStrategy[str], given_: st.SearchStrategy[Any], ask: Any) -> None:
    async def run(cases: list[tuple[str, Any]]) -> None:
        async with serving() as api:
            await api.create("a")
            for path, what in cases:
                await ask(api, path, what)

    with asyncio.Runner() as runner:

        @settings(max_examples=examples(25), deadline=None)
        @given(st.lists(st.tuples(paths, given_), min_size=1, max_size=6))
        def check(cases: list[tuple[str, Any]]) -> None:
            runner.run(run(cases))

        check()


def _kinds(path: str) -> tuple[str, ...]:
    plural = path.rpartition("/")[2]
    return tuple(
        kind
        for kind in (
            *("SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"),
            *("LocalSubjectAccessReview", "SelfSubjectReview", "TokenReview"),
        )
        if f"{kind.lower()}s" == plural
    )
