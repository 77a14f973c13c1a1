"""What the audit's group answers, in each form, and what it refuses."""

import csv
import json
from typing import Any

import httpx
import pytest

from tests.api.arrangement import LABS, Api

AUDIT = "/apis/audit.lab.neuroglia.com/v1"


@pytest.fixture
async def lived(api: Api) -> Api:
    """`a` was ready for an hour and is gone; `b` of another course is pending."""
    await api.create("a", labels={"course": "python"})
    await api.make_ready("a")
    api.inner.clock.pass_(3600)
    await api.create("b", labels={"course": "go"})
    assert (await api.client.delete(f"{LABS}/a")).status_code == 200
    await api.complete_deletion("a")
    return api


async def items(api: Api, path: str, **params: str) -> list[dict[str, Any]]:
    answer = await api.client.get(f"{AUDIT}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def in_form(api: Api, path: str, form: str) -> httpx.Response:
    return await api.client.get(f"{AUDIT}/{path}", headers={"Accept": form})


async def test_acts_come_newest_first_with_their_verbs(lived: Api) -> None:
    found = await items(lived, "acts", resource="labinstances")
    assert [(act["name"], act.get("verb")) for act in found] == [
        ("a", None),
        ("a", "delete"),
        ("b", "create"),
        ("a", None),
        ("a", None),
        ("a", "create"),
    ]
    assert {act["actor"] for act in found} == {"admin"}


async def test_acts_are_chosen_and_turned_round(lived: Api) -> None:
    found = await items(lived, "acts", verb="create,delete", namespace="default", order="oldest")
    assert [act["name"] for act in found] == ["a", "b", "a"]


async def test_pages_of_acts_go_on_where_the_one_before_ended(lived: Api) -> None:
    path, seen, params = f"{AUDIT}/acts", [], {"limit": "4"}
    while True:
        page = (await lived.client.get(path, params=params)).json()
        seen += [act["position"] for act in page["items"]]
        if "continue" not in page["metadata"]:
            break
        params["continue"] = page["metadata"]["continue"]
    assert seen == [act["position"] for act in await items(lived, "acts")]


async def test_acts_come_as_lines_of_json(lived: Api) -> None:
    answer = await in_form(lived, "acts?limit=2", "application/x-ndjson")
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines == (await items(lived, "acts"))[:2]


async def test_acts_come_as_csv_with_a_head(lived: Api) -> None:
    answer = await in_form(lived, "acts?order=oldest", "text/csv")
    [head, *rows] = csv.reader(answer.text.splitlines())
    assert head[:3] == ["position", "time", "actor"]
    assert len(rows) == len(await items(lived, "acts"))


async def test_acts_come_as_cloud_events(lived: Api) -> None:
    answer = await in_form(lived, "acts?name=a&limit=1", "application/cloudevents-batch+json")
    [event] = answer.json()
    [act] = await items(lived, "acts", name="a", limit="1")
    assert event["specversion"] == "1.0"
    assert (event["id"], event["type"]) == (act["id"], "lab-instance.deleted.v1")
    assert event["source"].startswith("urn:uuid:")
    assert event["subject"] == "namespaces/default/labinstances/a"
    assert answer.headers["x-continue"]


async def test_labs_that_are_gone_are_listed(lived: Api) -> None:
    [b, a] = await items(lived, "labs")
    assert (a["name"], "deleted" in a, "deleted" in b) == ("a", True, False)
    [only] = await items(lived, "labs", alive="false", student="student@example.com")
    assert only == a


async def test_usage_is_in_hours_by_course(lived: Api) -> None:
    found = await items(lived, "usage", by="course", since="2020-01-01T00:00:00Z")
    assert found == [{"course": "python", "hours": 1.0, "seconds": 3600.0, "labs": 1}]


async def test_usage_comes_as_csv_for_the_accountant(lived: Api) -> None:
    answer = await in_form(lived, "usage?since=2020-01-01T00:00:00Z", "text/csv")
    assert list(csv.reader(answer.text.splitlines())) == [
        ["student", "hours", "seconds", "labs"],
        ["student@example.com", "1.0", "3600.0", "1"],
    ]


async def test_counts_show_each_state_at_each_step(lived: Api) -> None:
    lived.inner.clock.pass_(3600)
    found = await items(lived, "counts", step="1h")
    assert len(found) == 25
    assert [(each["ready"], each["pending"]) for each in found[-3:]] == [(0, 0), (1, 0), (0, 1)]


async def test_the_journal_is_written_as_differences(lived: Api) -> None:
    document = (await lived.client.get(f"{AUDIT}/journal")).json()
    states = [document["states"][place] for place in document["state"]]
    assert states == ["pending", "provisioning", "ready", "pending", "deleting", "deleted"]
    labs = [document["labs"][place]["lab"] for place in document["lab"]]
    assert labs == [f"default/{name}" for name in "aaabaa"]
    assert sum(document["positions"]) == int(document["to"])
    assert (document["complete"], min(document["milliseconds"]) >= 0) == (True, True)


async def test_the_journal_goes_on_from_where_it_ended(lived: Api) -> None:
    first = (await lived.client.get(f"{AUDIT}/journal?limit=4")).json()
    assert not first["complete"]
    rest = (await lived.client.get(f"{AUDIT}/journal?from={first['to']}")).json()
    assert len(rest["state"]) == 2


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("acts?actr=bob", 'unknown parameter "actr"; allowed: actor, '),
        ("acts?actor=a&actor=b", "more than once"),
        ("acts?since=yesterday", "invalid since"),
        ("acts?order=random", "allowed: newest, oldest"),
        ("acts?limit=-1", "invalid limit"),
        ("acts?continue=nonsense", "continue key is not valid"),
        ("labs?labelSelector=a", "unknown parameter"),
        ("usage?by=mood", "allowed: student, course"),
        ("usage?by=label", "label=KEY"),
        ("usage?by=student&label=course", "by=label or by=course"),
        ("usage?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "before since"),
        ("counts?step=0s", "invalid step"),
        ("counts?step=1s&since=2020-01-01T00:00:00Z", "too many"),
        ("journal?after=1", "allowed: from, to, limit"),
    ],
)
async def test_questions_that_are_not_understood_are_refused(
    api: Api, question: str, said: str
) -> None:
    answer = await api.client.get(f"{AUDIT}/{question}")
    assert answer.status_code == 400
    assert said in answer.json()["message"]


async def test_forms_that_are_not_spoken_are_refused_with_those_that_are(api: Api) -> None:
    answer = await in_form(api, "acts", "application/pdf")
    assert answer.status_code == 406
    assert "text/csv" in answer.json()["message"]


async def test_an_empty_log_has_no_acts(api: Api) -> None:
    assert await items(api, "acts") == []
    assert await items(api, "usage") == []
