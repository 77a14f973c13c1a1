"""Labs as tables and as metadata only: what kubectl prints."""

import json
from datetime import timedelta
from typing import Any

import pytest

from api.kubernetes.tables import short_duration
from tests.api.arrangement import LABS, Api
from tests.api.watcher import watching

TABLE = (
    "application/json;as=Table;v=v1;g=meta.k8s.io,"
    "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
)
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


async def test_a_list_is_printed_in_columns(three: Api) -> None:
    table = await _told(three, LABS, TABLE)
    assert _names(table, wide=False) == [
        "Name",
        "State",
        "Template",
        "Student",
        "Ready",
        "Endpoint",
        "Expires",
        "Age",
    ]
    assert _names(table, wide=True) == ["Duration", "Retries", "Reason", "Message"]
    assert table["rows"][0]["cells"][:8] == [
        "a",
        "ready",
        "python-basics",
        "student@example.com",
        "True",
        "http://127.0.0.1:9000",
        "60m",
        "0s",
    ]
    assert table["metadata"]["resourceVersion"] == str(await three.head())


async def test_a_single_lab_is_a_table_of_one_row(three: Api) -> None:
    table = await _told(three, f"{LABS}/b", TABLE)
    assert [row["cells"][:2] for row in table["rows"]] == [["b", "pending"]]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


@pytest.mark.parametrize(
    ("include", "kind"),
    [("Object", "LabInstance"), ("Metadata", "PartialObjectMetadata"), ("None", None)],
)
async def test_a_row_carries_as_much_of_its_object_as_is_asked_for(
    three: Api, include: str, kind: str | None
) -> None:
    table = await _told(three, f"{LABS}?includeObject={include}", TABLE)
    assert (table["rows"][0].get("object") or {}).get("kind") == kind


async def test_pages_of_tables_go_on(three: Api) -> None:
    first = await _told(three, f"{LABS}?limit=2", TABLE)
    token = first["metadata"]["continue"]
    rest = await _told(three, f"{LABS}?limit=2&continue={token}", TABLE)
    assert [row["cells"][0] for row in (*first["rows"], *rest["rows"])] == ["a", "b", "c"]
    assert rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


async def test_metadata_can_be_asked_for_alone(three: Api) -> None:
    told = await _told(three, LABS, METADATA)
    assert told["kind"] == "PartialObjectMetadataList"
    assert {frozenset(item) for item in told["items"]} == {
        frozenset({"kind", "apiVersion", "metadata"})
    }


async def test_a_watch_declares_its_columns_once(three: Api) -> None:
    async with watching(three, accept=TABLE) as watcher:
        events = [await watcher.next() for _ in range(3)]
    assert [event["object"]["kind"] for event in events] == ["Table"] * 3
    assert [bool(event["object"]["columnDefinitions"]) for event in events] == [True, False, False]
    assert [event["object"]["rows"][0]["cells"][0] for event in events] == ["a", "b", "c"]


async def test_a_bookmark_in_a_table_is_a_row_without_cells(three: Api) -> None:
    query = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with watching(three, query, accept=TABLE) as watcher:
        *_, mark = [await watcher.next() for _ in range(4)]
    (row,) = mark["object"]["rows"]
    assert mark["type"] == "BOOKMARK"
    assert set(row["cells"]) == {None}
    annotations = row["object"]["metadata"]["annotations"]
    assert annotations == {"k8s.io/initial-events-end": "true"}


@pytest.mark.parametrize(
    "accept",
    [
        "application/vnd.kubernetes.protobuf,application/json",
        "application/cbor, application/json",
        "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
        "text/html,*/*;q=0.8",
    ],
)
async def test_a_form_that_is_not_spoken_is_passed_over(three: Api, accept: str) -> None:
    assert (await _told(three, LABS, accept))["kind"] == "LabInstanceList"


async def test_requests_that_accept_no_served_form_are_not_acceptable(three: Api) -> None:
    answer = await three.client.get(LABS, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json()["reason"]) == (406, "NotAcceptable")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "0s"),
        (0, "0s"),
        (119, "119s"),
        (125, "2m5s"),
        (600, "10m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 120, "3h2m"),
        (30 * 3600, "30h"),
        (50 * 3600, "2d2h"),
        (9 * 86400, "9d"),
        (9 * 365 * 86400, "9y"),
    ],
)
def test_lengths_of_time_are_told_in_the_units_that_matter(seconds: int, told: str) -> None:
    assert short_duration(timedelta(seconds=seconds)) == told


async def _told(api: Api, path: str, accept: str) -> dict[str, Any]:
    answer = await api.client.get(path, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    told: dict[str, Any] = json.loads(answer.content)
    return told


def _names(table: dict[str, Any], *, wide: bool) -> list[str]:
    return [
        column["name"] for column in table["columnDefinitions"] if (column["priority"] > 0) is wide
    ]
