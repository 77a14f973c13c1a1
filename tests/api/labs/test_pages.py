"""Lists in pages: all of one list tell the moment of its first."""

from typing import Any

import pytest

from tests.api.arrangement import LABS, Api


async def pages(api: Api, limit: int, between: Any = None) -> list[tuple[list[str], str]]:
    found, token = [], ""
    while True:
        query = {"limit": str(limit), "continue": token}
        document = (await api.client.get(LABS, params=query)).json()
        metadata = document["metadata"]
        listed = [item["metadata"]["name"] for item in document["items"]]
        found.append((listed, metadata["resourceVersion"]))
        token = metadata.get("continue", "")
        if not token:
            return found
        if between is not None:
            await between()


async def test_a_list_comes_in_pages_of_one_version(three: Api) -> None:
    version = str(await three.head())
    assert await pages(three, 2) == [(["a", "b"], version), (["c"], version)]
    assert await pages(three, 3) == [(["a", "b", "c"], version)]


async def test_later_pages_tell_the_moment_of_the_first(three: Api) -> None:
    version = str(await three.head())
    before = (await three.client.get(f"{LABS}/c")).json()
    seen: list[Any] = []

    async def change() -> None:
        await three.create("bb")
        await three.client.request("DELETE", f"{LABS}/c")
        await three.complete_deletion("c")
        await three.create("d")
        await three.settled()

    document = (await three.client.get(f"{LABS}?limit=1")).json()
    await change()
    while token := document["metadata"].get("continue"):
        answer = await three.client.get(LABS, params={"limit": "1", "continue": token})
        document = answer.json()
        seen += document["items"]
        assert document["metadata"]["resourceVersion"] == version
    assert [item["metadata"]["name"] for item in seen] == ["b", "c"]
    assert seen[1] == before


async def test_later_pages_of_a_selection_tell_the_moment_of_the_first_too(three: Api) -> None:
    query = {"limit": "1", "labelSelector": "course=python"}
    first = (await three.client.get(LABS, params=query)).json()
    body = {"metadata": {"labels": {"course": "go"}}}
    headers = {"Content-Type": "application/merge-patch+json"}
    await three.client.request("PATCH", f"{LABS}/c", json=body, headers=headers)
    await three.settled()
    query["continue"] = first["metadata"]["continue"]
    second = (await three.client.get(LABS, params=query)).json()
    assert [item["metadata"]["name"] for item in second["items"]] == ["c"]
    assert second["items"][0]["metadata"]["labels"]["course"] == "python"


@pytest.mark.parametrize(
    "token", ["x", "W10", "WzIsMSxmYWxzZSwiYSIsImIiXQ", "%00", "ä", "a" * 999]
)
async def test_a_continue_token_that_is_none_is_a_bad_request(api: Api, token: str) -> None:
    answer = await api.client.get(LABS, params={"continue": token})
    assert (answer.status_code, answer.json()["message"]) == (400, "continue key is not valid")


@pytest.mark.parametrize("limit", ["x", "-1", "1.5", "99999999999999999999"])
async def test_a_limit_that_is_no_number_is_a_bad_request(api: Api, limit: str) -> None:
    assert (await api.client.get(LABS, params={"limit": limit})).status_code == 400


async def test_pages_of_the_past_stay_in_the_past(three: Api) -> None:
    version = await three.head()
    await three.create("d")
    query = f"?resourceVersionMatch=Exact&resourceVersion={version}&limit=2"
    first = (await three.client.get(f"{LABS}{query}")).json()
    token = first["metadata"]["continue"]
    second = (await three.client.get(LABS, params={"continue": token})).json()
    assert [item["metadata"]["name"] for item in second["items"]] == ["c"]


async def test_a_page_tells_how_many_follow(three: Api) -> None:
    await three.create("d")
    told, token = [], ""
    while True:
        answer = await three.client.get(LABS, params={"limit": "1", "continue": token})
        metadata = answer.json()["metadata"]
        told.append(metadata.get("remainingItemCount"))
        token = metadata.get("continue", "")
        if not token:
            break
        await three.create(f"0{len(told)}")  # does not count: it came after the first page
        await three.settled()
    assert told == [3, 2, 1, None]


@pytest.mark.parametrize(
    "query",
    ["labelSelector=course=python", "fieldSelector=status.state!=failed", "resourceVersion=3"],
)
async def test_how_many_follow_is_not_told_where_it_is_not_known(three: Api, query: str) -> None:
    match = "&resourceVersionMatch=Exact" if "resourceVersion" in query else ""
    metadata = (await three.client.get(f"{LABS}?limit=1&{query}{match}")).json()["metadata"]
    assert metadata["continue"]
    assert "remainingItemCount" not in metadata
