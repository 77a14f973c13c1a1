"""Events that clients write, in both API versions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.events.rows import row
from tests.api.arrangement import Api
from tests.api.watcher import watching

OLD = "/api/v1/namespaces/default/events"
NEW = "/apis/events.k8s.io/v1/namespaces/default/events"
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
ABOUT = {
    "apiVersion": "lab.neuroglia.com/v1",
    "kind": "LabInstance",
    "name": "ann",
    "namespace": "default",
    "uid": "1",
}


def told(name: str = "ann.1", **fields: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name},
        "involvedObject": ABOUT,
        "reason": "Graded",
        "message": "the lab was graded",
        "type": "Normal",
        "source": {"component": "grader"},
        "firstTimestamp": "2026-03-01T11:00:00Z",
        "lastTimestamp": "2026-03-01T12:00:00Z",
        "count": 1,
        **fields,
    }


async def test_an_event_reads_back_as_it_was_written(api: Api) -> None:
    made = await api.client.post(OLD, json=told(eventTime=None))
    assert made.status_code == 201
    document = (await api.client.get(f"{OLD}/ann.1")).json()
    del document["metadata"]
    expected = told()
    del expected["metadata"]
    assert document == expected


async def test_a_name_can_be_left_to_the_service(api: Api) -> None:
    body = told()
    body["metadata"] = {"generateName": "kopf-event-", "namespace": "default"}
    name = (await api.client.post(OLD, json=body)).json()["metadata"]["name"]
    assert name.startswith("kopf-event-")
    assert len(name) == len("kopf-event-") + 5


async def test_both_api_versions_tell_the_same_event_in_their_own_words(api: Api) -> None:
    await api.client.post(OLD, json=told())
    new = (await api.client.get(f"{NEW}/ann.1")).json()
    assert new["apiVersion"] == "events.k8s.io/v1"
    assert (new["regarding"], new["note"]) == (ABOUT, "the lab was graded")
    assert (new["deprecatedCount"], new["deprecatedSource"]) == (1, {"component": "grader"})
    written = {
        "metadata": {"name": "ann.2"},
        "regarding": ABOUT,
        "note": "again",
        "reason": "Graded",
        "type": "Normal",
        "action": "Grading",
        "reportingController": "grader",
        "reportingInstance": "grader-1",
        "eventTime": "2026-03-01T12:00:00.000000Z",
    }
    assert (await api.client.post(NEW, json=written)).status_code == 201
    old = (await api.client.get(f"{OLD}/ann.2")).json()
    assert (old["involvedObject"], old["message"]) == (ABOUT, "again")
    assert (old["reportingComponent"], old["action"]) == ("grader", "Grading")


async def test_the_count_of_an_event_goes_up(api: Api) -> None:
    await api.client.post(OLD, json=told())
    patch = {"count": 2, "lastTimestamp": "2026-03-01T12:05:00Z"}
    for _ in range(2):
        patched = await api.client.patch(f"{OLD}/ann.1", json=patch, headers=STRATEGIC)
        assert (patched.status_code, patched.json()["count"]) == (200, 2)
    assert await api.head() == 2
    replaced = await api.client.put(f"{OLD}/ann.1", json=told(count=3))
    assert replaced.json()["count"] == 3


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("involvedObject.name=ann,involvedObject.kind=LabInstance", ["ann.1"]),
        ("involvedObject.uid=2", ["bob.1"]),
        ("type!=Normal", ["bob.1"]),
        ("reason=Graded", ["ann.1", "bob.1"]),
        ("source=grader", ["ann.1", "bob.1"]),
        ("metadata.name=bob.1", ["bob.1"]),
        ("involvedObject.namespace=default", ["ann.1", "bob.1"]),
    ],
)
async def test_events_are_selected_as_kubectl_does(
    api: Api, selector: str, names: list[str]
) -> None:
    await api.client.post(OLD, json=told())
    other = {**ABOUT, "name": "bob", "uid": "2"}
    await api.client.post(OLD, json=told("bob.1", involvedObject=other, type="Warning"))
    for path in ("/api/v1/events", OLD, NEW):
        answer = await api.client.get(path, params={"fieldSelector": selector})
        assert [item["metadata"]["name"] for item in answer.json()["items"]] == names


async def test_events_are_shown_by_when_they_were_seen_last(api: Api) -> None:
    await api.client.post(OLD, json=told(lastTimestamp=None, firstTimestamp=None))
    api.inner.clock.pass_(300)
    table = (await api.client.get(OLD, headers=TABLE)).json()
    shown = [column["name"] for column in table["columnDefinitions"] if not column["priority"]]
    assert shown == ["Last Seen", "Type", "Reason", "Object", "Message"]
    assert table["rows"][0]["cells"] == [
        "5m",
        "Normal",
        "Graded",
        "labinstance/ann",
        None,
        "grader",
        "the lab was graded",
        "5m",
        1,
        "ann.1",
    ]


@pytest.mark.parametrize(
    ("about", "field"),
    [
        (None, "involvedObject"),
        ("ann", "involvedObject"),
        ({**ABOUT, "namespace": "other"}, "involvedObject.namespace"),
    ],
)
async def test_an_event_must_be_about_something_in_its_namespace(
    api: Api, about: Any, field: str
) -> None:
    answer = await api.client.post(OLD, json=told(involvedObject=about))
    assert answer.status_code == 422
    assert answer.json()["details"]["causes"][0]["field"] == field


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"series": True}, "series", "must be an object, not a boolean"),
        ({"series": {"count": True}}, "series.count", "must be a whole number, not a boolean"),
        ({"count": 2**31}, "count", "must fit into 32 bits"),
        ({"source": {"component": 1}}, "source.component", "must be a string, not a number"),
        (
            {"lastTimestamp": "never"},
            "lastTimestamp",
            'must be a moment with its zone, such as "2026-03-01T12:00:00Z"',
        ),
        (
            {"lastTimestamp": "2026-03-01T12:00:00"},
            "lastTimestamp",
            'must be a moment with its zone, such as "2026-03-01T12:00:00Z"',
        ),
    ],
)
async def test_a_field_of_another_type_is_refused(
    api: Api, given: dict[str, Any], field: str, message: str
) -> None:
    answer = await api.client.post(OLD, json=told(**given))
    assert answer.status_code == 422
    (cause,) = answer.json()["details"]["causes"]
    assert (cause["field"], cause["message"].endswith(message)) == (field, True)


def test_events_of_an_older_log_are_shown_whatever_their_types() -> None:
    held = {"involvedObject": [], "series": True, "source": "me", "lastTimestamp": 5, "count": "x"}
    at = datetime(2026, 3, 1, tzinfo=UTC)
    shown = row("odd", held, at, at + timedelta(minutes=5))
    assert (shown[0], shown[3], shown[-1]) == ("5m", "/", "odd")


async def test_events_are_watched(api: Api) -> None:
    async with watching(api, "&fieldSelector=type%3DWarning", OLD) as watcher:
        await api.client.post(OLD, json=told())
        await api.client.post(OLD, json=told("ann.2", type="Warning"))
        assert await watcher.told(1) == [("ADDED", "ann.2")]


async def test_the_wrong_kind_or_version_is_a_bad_request(api: Api) -> None:
    for wrong in ({"kind": "Lease"}, {"apiVersion": "events.k8s.io/v1"}):
        answer = await api.client.post(OLD, json=told(**wrong))
        assert answer.status_code == 400
    assert (await api.client.post(OLD, json=[])).status_code == 400
    elsewhere = await api.client.put(f"{OLD}/ann.9", json=told())
    assert elsewhere.status_code == 400


async def test_an_event_is_small(api: Api) -> None:
    for size, code in ((10 * 1024, 201), (17 * 1024, 413)):
        metadata = {"name": f"ann.{size}", "annotations": {"note": "x" * size}}
        answer = await api.client.post(OLD, json=told(metadata=metadata))
        assert answer.status_code == code, answer.text
