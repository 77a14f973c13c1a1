"""Watches: what a watcher is told, in which order, and how it ends."""

import asyncio
from typing import Any

import pytest

from api.services import ApiLimits
from tests.api.arrangement import BASE, LABS, Api, manifest, serving
from tests.api.watcher import watching

MERGE = {"Content-Type": "application/merge-patch+json"}


async def relabel(api: Api, name: str, **labels: str | None) -> None:
    body = {"metadata": {"labels": labels}}
    answer = await api.client.request("PATCH", f"{LABS}/{name}", json=body, headers=MERGE)
    assert answer.status_code == 200


async def test_a_watch_without_a_version_begins_with_all_labs_and_goes_on_with_changes(
    api: Api,
) -> None:
    await api.create("a")
    await api.create("b")
    async with watching(api) as watcher:
        assert await watcher.told(2) == [("ADDED", "a"), ("ADDED", "b")]
        assert watcher.status == 200
        await api.create("c")
        await api.make_ready("a")
        assert await watcher.told(3) == [("ADDED", "c"), ("MODIFIED", "a"), ("MODIFIED", "a")]


async def test_a_watch_from_a_version_sends_exactly_what_came_after_it(api: Api) -> None:
    await api.create("a")
    version = (await api.create("b"))["metadata"]["resourceVersion"]
    await api.create("c")
    async with watching(api, f"&resourceVersion={version}") as watcher:
        line = await watcher.next()
        assert (line["type"], line["object"]["metadata"]["name"]) == ("ADDED", "c")
        assert int(line["object"]["metadata"]["resourceVersion"]) > int(version)


async def test_a_watch_after_a_list_misses_nothing_and_repeats_nothing(api: Api) -> None:
    await api.create("a")
    listed = (await api.client.get(LABS)).json()
    await api.create("b")
    query = f"&resourceVersion={listed['metadata']['resourceVersion']}"
    async with watching(api, query) as watcher:
        await api.create("c")
        assert await watcher.told(2) == [("ADDED", "b"), ("ADDED", "c")]
        assert watcher.nothing_more()


async def test_a_removed_lab_is_deleted_at_the_version_of_its_deletion(api: Api) -> None:
    await api.create("a")
    async with watching(api, f"&resourceVersion={await api.head()}") as watcher:
        await api.client.delete(f"{LABS}/a")
        await api.complete_deletion("a")
        assert (await watcher.next())["type"] == "MODIFIED"
        line = await watcher.next()
        assert line["type"] == "DELETED"
        assert line["object"]["metadata"]["resourceVersion"] == str(await api.head())


async def test_changes_of_metadata_are_told_whatever_they_are(api: Api) -> None:
    await api.create("a")
    changes: list[dict[str, Any]] = [
        {"labels": {"tier": "gold"}},
        {"annotations": {"note": "by hand"}},
        {"finalizers": ["example.com/grades"]},
    ]
    async with watching(api, f"&resourceVersion={await api.head()}") as watcher:
        for change in changes:
            body = {"metadata": change}
            await api.client.request("PATCH", f"{LABS}/a", json=body, headers=MERGE)
            line = await watcher.next()
            assert line["type"] == "MODIFIED"
            assert line["object"]["metadata"].items() >= change.items()
        await api.client.delete(f"{LABS}/a")
        assert (await watcher.next())["object"]["metadata"]["deletionTimestamp"]


async def test_versions_are_compared_as_numbers(api: Api) -> None:
    await api.create("a")
    for index in range(12):
        await relabel(api, "a", step=str(index))
    assert await api.head() >= 11
    async with watching(api, "&resourceVersion=9") as watcher:
        seen = [int((await watcher.next())["object"]["metadata"]["resourceVersion"])]
        while seen[-1] < await api.head():
            line = await watcher.next()
            seen.append(int(line["object"]["metadata"]["resourceVersion"]))
    assert seen == list(range(10, await api.head() + 1))


async def test_events_that_change_nothing_visible_are_not_watched(api: Api) -> None:
    await api.create("a")
    await api.make_ready("a")
    async with watching(api, f"&resourceVersion={await api.head()}") as watcher:
        await api.client.post(f"{LABS}/a/access")
        await api.create("b")
        assert await watcher.told(1) == [("ADDED", "b")]


async def test_through_a_filter_labs_enter_and_leave(api: Api) -> None:
    await api.create("a", labels={"tier": "gold"})
    await api.create("b")
    async with watching(api, "&labelSelector=tier%3Dgold") as watcher:
        assert await watcher.told(1) == [("ADDED", "a")]
        await relabel(api, "b", tier="gold")
        await relabel(api, "a", other="x")
        await relabel(api, "a", tier=None)
        await relabel(api, "a", other="y")
        assert await watcher.told(2) == [("ADDED", "b"), ("MODIFIED", "a")]
        left = await watcher.next()
        assert left["type"] == "DELETED"
        assert left["object"]["metadata"]["labels"] == {"tier": "gold", "other": "x"}
        assert int(left["object"]["metadata"]["resourceVersion"]) == await api.head() - 1
        assert watcher.nothing_more()


async def test_a_state_can_be_waited_for(api: Api) -> None:
    await api.create("a")
    async with watching(api, "&fieldSelector=status.state%3Dready") as watcher:
        await api.make_ready("a")
        assert await watcher.told(1) == [("ADDED", "a")]
        await api.client.delete(f"{LABS}/a")
        assert await watcher.told(1) == [("DELETED", "a")]


async def test_a_watch_follows_one_lab_by_name_and_one_namespace_by_path(api: Api) -> None:
    other = f"{BASE}/namespaces/other/labinstances"
    await api.declare_namespace("other")
    query = "&fieldSelector=metadata.name%3Da"
    async with (
        watching(api, query) as one,
        watching(api, path=other) as namespace,
        watching(api, path=f"{BASE}/labinstances") as everything,
    ):
        await api.create("b")
        await api.client.post(other, json=manifest("a"))
        await api.create("a")
        assert await one.told(1) == [("ADDED", "a")]
        assert await namespace.told(1) == [("ADDED", "a")]
        assert await everything.told(3) == [("ADDED", "b"), ("ADDED", "a"), ("ADDED", "a")]


@pytest.mark.parametrize("value", ["True", ""])
async def test_values_but_0_and_false_switch_the_watch_on(api: Api, value: str) -> None:
    answer = await api.client.get(f"{LABS}?watch={value}&timeoutSeconds=1&resourceVersion=0")
    assert answer.text == ""


@pytest.mark.parametrize("value", ["0", "false", "False"])
async def test_0_and_false_ask_for_a_list(api: Api, value: str) -> None:
    answer = await api.client.get(f"{LABS}?watch={value}")
    assert answer.json()["kind"] == "LabInstanceList"


async def test_a_watch_lasts_its_time_and_then_ends_cleanly(api: Api) -> None:
    async with asyncio.timeout(5):
        answer = await api.client.get(f"{LABS}?watch=1&timeoutSeconds=1")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


async def test_bookmarks_in_quiet_times_say_how_far_the_watch_is() -> None:
    async with serving(ApiLimits(bookmark_interval=0.05)) as api:
        await api.create("a")
        query = f"&resourceVersion={await api.head()}&allowWatchBookmarks=true"
        async with watching(api, query) as watcher, watching(api) as silent:
            line = await watcher.next()
            assert line == {
                "type": "BOOKMARK",
                "object": {
                    "kind": "LabInstance",
                    "apiVersion": "lab.neuroglia.com/v1",
                    "metadata": {"resourceVersion": str(await api.head())},
                },
            }
            await watcher.next()
            assert await silent.told(1) == [("ADDED", "a")]
            assert silent.nothing_more()


async def test_a_watch_may_begin_before_everything(api: Api) -> None:
    await api.create("a")
    await api.create("b")
    await api.client.delete(f"{LABS}/a")
    await api.complete_deletion("a")
    async with watching(api, "&resourceVersion=0&resourceVersionMatch=Exact") as watcher:
        told = [("ADDED", "a"), ("ADDED", "b"), ("MODIFIED", "a"), ("DELETED", "a")]
        assert await watcher.told(4) == told


async def test_a_version_of_the_future_is_told_inside_the_stream(api: Api) -> None:
    async with watching(api, "&resourceVersion=999") as watcher:
        line = await watcher.next()
        assert (line["type"], line["object"]["code"]) == ("ERROR", 410)
        await asyncio.wait_for(watcher.ended.wait(), 2)


@pytest.mark.parametrize("query", ["resourceVersion=x", "timeoutSeconds=soon", "labelSelector=="])
async def test_a_watch_that_cannot_be_understood_is_refused_at_once(api: Api, query: str) -> None:
    answer = await api.client.get(f"{LABS}?watch=1&{query}")
    assert answer.status_code == 400


async def test_when_the_service_stops_its_watches_end_cleanly(api: Api) -> None:
    async with watching(api) as watcher:
        await api.create("a")
        await watcher.next()
        api.inner.feed.close()
        await asyncio.wait_for(watcher.ended.wait(), 10)
        assert watcher.nothing_more()


async def test_a_watcher_that_leaves_leaves_nothing_behind(api: Api) -> None:
    def open_watches() -> list[asyncio.Task[Any]]:
        return [task for task in asyncio.all_tasks() if "watch" in task.get_name()]

    async with watching(api) as watcher:
        await api.create("a")
        await watcher.next()
        assert open_watches()
    assert open_watches() == []


async def test_a_watcher_that_accepts_nothing_is_let_go_and_holds_nobody_up() -> None:
    def open_watches() -> int:
        return sum(task.get_name() == "watch-client" for task in asyncio.all_tasks())

    async with (
        serving(ApiLimits(write_timeout=0.05)) as api,
        watching(api) as stuck,
        watching(api) as other,
    ):
        stuck.accepting.clear()
        for index in range(5):
            await api.create(f"lab-{index}")
        assert len(await other.told(5)) == 5
        async with asyncio.timeout(5):
            while open_watches() > 1:
                await asyncio.sleep(0.01)
        assert not stuck.ended.is_set()
        assert not other.ended.is_set()


async def test_many_changes_reach_a_watcher_in_order(api: Api) -> None:
    await api.create("a")
    async with watching(api) as watcher:
        await watcher.next()
        for index in range(100):
            await relabel(api, "a", step=str(index))
        seen = [await watcher.next() for _ in range(100)]
    steps = [line["object"]["metadata"]["labels"]["step"] for line in seen]
    assert steps == [str(index) for index in range(100)]
