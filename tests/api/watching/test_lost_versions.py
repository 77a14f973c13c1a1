"""Versions of a time line that the log has left: whoever holds one lists again."""

from collections.abc import AsyncIterator

import pytest

from api.kubernetes.continue_token import ContinueFrom, write_token
from domain.lab_instance.key import LabKey
from infrastructure.memory.event_store import MemoryEventStore
from tests.api.arrangement import BASE, LABS, Api, serving
from tests.api.watcher import watching
from tests.application.arrangement import Arrangement, SettableClock
from tests.fakes.event_store import TroubledEventStore

EVENTS = "/api/v1/namespaces/default/events"
LISTS = [LABS, EVENTS, "/api/v1/namespaces"]


@pytest.fixture
async def put_back() -> AsyncIterator[Api]:
    """An API whose log was put back: version 2 was given before that and is lost."""
    clock = SettableClock()
    store = TroubledEventStore(MemoryEventStore(clock))
    async with serving(inner=Arrangement(clock, store)) as api:
        for name in ("a", "b", "c"):
            await api.create(name)
        await api.settled()
        store.lost.add(2)
        yield api


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("match", ["", "NotOlderThan", "Exact"])
async def test_a_list_of_a_lost_version_is_gone(put_back: Api, path: str, match: str) -> None:
    query = {"resourceVersion": "2"} | ({"resourceVersionMatch": match} if match else {})
    answer = await put_back.client.get(path, params=query)
    assert (answer.status_code, answer.json()["reason"]) == (410, "Expired")
    assert "list again" in answer.json()["message"]
    kept = await put_back.client.get(path, params=query | {"resourceVersion": "3"})
    assert kept.status_code == 200


async def test_a_lab_as_of_a_lost_version_is_gone(put_back: Api) -> None:
    for query in ("resourceVersion=2", "resourceVersion=2&resourceVersionMatch=Exact"):
        answer = await put_back.client.get(f"{LABS}/a?{query}")
        assert answer.status_code == 410


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("past", [True, False])
async def test_a_list_in_pages_does_not_go_on_from_a_lost_version(
    put_back: Api, path: str, past: bool
) -> None:
    place = ContinueFrom(after=LabKey("default", "1"), position=2, past=past)
    answer = await put_back.client.get(path, params={"continue": write_token(place)})
    assert (answer.status_code, answer.json()["reason"]) == (410, "Expired")


@pytest.mark.parametrize("path", LISTS)
async def test_a_watch_from_a_lost_version_ends_as_expired(put_back: Api, path: str) -> None:
    async with watching(put_back, "&resourceVersion=2", path) as watcher:
        line = await watcher.next()
        assert (line["type"], line["object"]["code"]) == ("ERROR", 410)
        assert line["object"]["reason"] == "Expired"
        await watcher.ended.wait()


async def test_a_change_of_a_lab_of_a_lost_version_meets_a_conflict(put_back: Api) -> None:
    body = {"metadata": {"resourceVersion": "2", "labels": {"x": "y"}}}
    answer = await put_back.client.patch(
        f"{LABS}/a", json=body, headers={"Content-Type": "application/merge-patch+json"}
    )
    assert answer.status_code == 409


async def test_labs_that_are_served_as_a_group_know_it_too(put_back: Api) -> None:
    answer = await put_back.client.get(f"{BASE}/labinstances?resourceVersion=2")
    assert answer.status_code == 410
