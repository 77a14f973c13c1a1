"""Differences of two moments over HTTP."""

from typing import Any

import pytest

from tests.api.arrangement import LABS, Api

DIFFERENCES = "/apis/audit.lab.neuroglia.com/v1/differences"
MERGE = {"Content-Type": "application/merge-patch+json"}


async def asked(api: Api, **query: str) -> dict[str, Any]:
    answer = await api.client.get(DIFFERENCES, params=query)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def test_changes_between_two_moments_are_told_field_by_field(three: Api) -> None:
    begin = str(await three.head())
    time = three.inner.clock.now().isoformat()
    three.inner.clock.pass_(60)
    body = {"metadata": {"labels": {"course": "go"}}}
    await three.client.request("PATCH", f"{LABS}/a", json=body, headers=MERGE)
    await three.create("d")
    await three.client.request("DELETE", f"{LABS}/b")
    await three.complete_deletion("b")
    end = str(await three.head())
    found = await asked(three, **{"from": begin, "to": end})
    assert found["metadata"] == {"from": begin, "to": end}
    assert [(one["name"], one["change"]) for one in found["items"]] == [
        ("a", "changed"),
        ("b", "gone"),
        ("d", "created"),
    ]
    paths = {one["path"]: (one.get("before"), one["value"]) for one in found["items"][0]["fields"]}
    assert paths["/metadata/labels/course"] == ("python", "go")
    three.inner.clock.pass_(60)
    now = three.inner.clock.now().isoformat()
    by_time = await asked(three, **{"from": time, "to": now})
    assert by_time == found
    first = await asked(three, **{"from": begin, "to": end, "limit": "2"})
    await three.create("e")
    rest = await asked(three, **{"limit": "2", "continue": first["metadata"]["continue"]})
    assert first["items"] + rest["items"] == found["items"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("from=1", "from and to"),
        ("from=1&to=x", '"x"'),
        ("from=1&to=2&since=3", '"since"'),
        ("continue=1.2", "continue"),
        ("continue=1.2.x", "continue"),
    ],
)
async def test_questions_that_cannot_be_answered_are_refused(
    three: Api, query: str, named: str
) -> None:
    answer = await three.client.get(f"{DIFFERENCES}?{query}")
    assert answer.status_code == 400
    assert named in answer.json()["message"]


async def test_a_moment_yet_to_come_times_out(three: Api) -> None:
    answer = await three.client.get(f"{DIFFERENCES}?from=1&to=999")
    assert answer.status_code == 504
