"""Watches that begin with all that is there, as newer clients ask for them."""

import pytest

from api.services import ApiLimits
from tests.api.arrangement import LABS, Api, serving
from tests.api.watcher import watching

LIST_FIRST = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"


async def test_initial_events_end_with_their_bookmark_and_go_on_live(api: Api) -> None:
    await api.create("a")
    version = str(await api.head())
    async with watching(api, LIST_FIRST) as watcher:
        assert await watcher.told(1) == [("ADDED", "a")]
        mark = await watcher.next()
        assert mark["type"] == "BOOKMARK"
        assert mark["object"]["metadata"] == {
            "resourceVersion": version,
            "annotations": {"k8s.io/initial-events-end": "true"},
        }
        await api.create("b")
        assert await watcher.told(1) == [("ADDED", "b")]


async def test_initial_events_of_many_labs_come_in_one_version() -> None:
    async with serving(ApiLimits(chunk=2)) as api:
        for index in range(5):
            await api.create(f"lab-{index}")
        async with watching(api, f"{LIST_FIRST}&resourceVersion=2") as watcher:
            lines = await watcher.told(6)
        assert [kind for kind, _ in lines] == ["ADDED"] * 5 + ["BOOKMARK"]
        listed = (await api.client.get(LABS)).json()["items"]
        assert len(listed) == 5


async def test_initial_events_of_many_labs_are_sent_in_small_chunks(api: Api) -> None:
    for index in range(100):
        await api.create(f"lab-{index}")
    async with watching(api, LIST_FIRST) as watcher:
        await watcher.told(101)
    assert watcher.largest < 40_000


async def test_a_watch_without_initial_events_sends_changes_only(api: Api) -> None:
    await api.create("a")
    await api.settled()
    query = "&sendInitialEvents=false&resourceVersionMatch=NotOlderThan"
    async with watching(api, query) as watcher:
        await api.create("b")
        assert await watcher.told(1) == [("ADDED", "b")]


@pytest.mark.parametrize(
    "query",
    ["sendInitialEvents=true", "sendInitialEvents=false", "resourceVersionMatch=NotOlderThan",
     "sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=1"],
)  # fmt: skip
async def test_initial_events_need_the_match_that_goes_with_them(api: Api, query: str) -> None:
    answer = await api.client.get(f"{LABS}?watch=1&{query}")
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid")
    assert answer.json()["details"]["causes"][0]["field"] == "resourceVersionMatch"
