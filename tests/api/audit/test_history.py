"""History and why over HTTP: what is asked, what is refused, what is told."""

import pytest

from tests.api.arrangement import LABS, Api

LAB = f"{LABS}/lab1"


@pytest.fixture
async def ready(api: Api) -> Api:
    """`lab1` is ready."""
    await api.create("lab1")
    await api.make_ready("lab1")
    return api


async def test_history_comes_newest_first_in_pages(ready: Api) -> None:
    page = (await ready.client.get(f"{LAB}/history?order=newest&limit=2")).json()
    assert [entry["version"] for entry in page["items"]] == [3, 2]
    token = page["metadata"]["continue"]
    rest = (await ready.client.get(f"{LAB}/history?order=newest&continue={token}")).json()
    assert [entry["version"] for entry in rest["items"]] == [1]


async def test_a_token_does_not_go_on_in_the_other_order(ready: Api) -> None:
    page = (await ready.client.get(f"{LAB}/history?limit=2")).json()
    token = page["metadata"]["continue"]
    answer = await ready.client.get(f"{LAB}/history?order=newest&continue={token}")
    assert answer.status_code == 400


async def test_history_is_filtered(ready: Api) -> None:
    created = "lab-instance.created.v1"
    page = (await ready.client.get(f"{LAB}/history?type={created}&actor=admin")).json()
    assert [entry["type"] for entry in page["items"]] == [created]


@pytest.mark.parametrize(
    "question", ["history?actr=bob", "history?asOf=2026-01-01T00:00:00Z", "why?since=1"]
)
async def test_wishes_that_nobody_knows_are_refused_with_what_is_allowed(
    ready: Api, question: str
) -> None:
    answer = await ready.client.get(f"{LAB}/{question}")
    assert answer.status_code == 400
    assert "allowed: " in answer.json()["message"]


async def test_why_tells_state_and_reasons_in_sentences(ready: Api) -> None:
    why = (await ready.client.get(f"{LAB}/why")).json()
    assert (why["kind"], why["state"], why["metadata"]["name"]) == (
        "LabInstanceWhy",
        "ready",
        "lab1",
    )
    assert why["sentences"][0].endswith("admin: runtime 1 answers at http://127.0.0.1:9000")
    assert why["because"][0]["version"] == 3


async def test_why_is_answered_for_the_past(ready: Api) -> None:
    query = {"resourceVersion": "1", "resourceVersionMatch": "Exact"}
    why = (await ready.client.get(f"{LAB}/why", params=query)).json()
    assert why["state"] == "pending"
    assert (await ready.client.get(f"{LABS}/never/why")).status_code == 404
