"""Events: each recorded fact of a lab is one, in both groups that Kubernetes has for them."""

from typing import Any

import pytest

from api.kubernetes.continue_token import ContinueFrom, write_token
from domain.lab_instance.key import LabKey
from tests.api.arrangement import Api
from tests.api.kubernetes.test_tables import TABLE
from tests.api.watcher import watching

CORE, EVENTS = "/api/v1", "/apis/events.k8s.io/v1"
HERE = f"{CORE}/namespaces/default/events"
OF_A = "involvedObject.kind=LabInstance,involvedObject.name=a"


async def test_every_fact_is_an_event(three: Api) -> None:
    told = await _items(three, f"{CORE}/events")
    assert [(each["involvedObject"]["name"], each["reason"]) for each in told] == [
        ("c", "Created"),
        ("b", "Created"),
        ("a", "Created"),
        ("a", "ProvisioningStarted"),
        ("a", "BecameReady"),
    ]
    assert told[-1]["message"] == "runtime 1 answers at http://127.0.0.1:9000"
    assert {each["type"] for each in told} == {"Normal"}
    assert told[0]["source"] == {"component": "admin"}
    versions = [int(each["metadata"]["resourceVersion"]) for each in told]
    assert versions == sorted(set(versions))


async def test_a_lab_is_described_with_its_events(three: Api) -> None:
    uid = (await three.view("a")).lab.uid
    selector = f"{OF_A},involvedObject.namespace=default,involvedObject.uid={uid}"
    told = await _items(three, f"{HERE}?fieldSelector={selector}")
    assert [each["reason"] for each in told] == ["Created", "ProvisioningStarted", "BecameReady"]
    assert await _items(three, f"{HERE}?fieldSelector={OF_A},involvedObject.uid=another") == []


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("reason=BecameReady", ["a.3"]),
        ("type=Warning", []),
        ("type!=Normal", []),
        ("metadata.name=b.1", ["b.1"]),
        ("involvedObject.kind=Pod,involvedObject.name=a", []),
        ("involvedObject.name!=a,metadata.namespace=default", ["c.1", "b.1"]),
    ],
)
async def test_events_are_selected_by_their_fields(
    three: Api, selector: str, names: list[str]
) -> None:
    assert [
        each["metadata"]["name"]
        for each in await _items(three, f"{HERE}?fieldSelector={selector}")
    ] == names


async def test_the_other_group_has_names_of_its_own(three: Api) -> None:
    (told,) = await _items(
        three, f"{EVENTS}/events?fieldSelector=regarding.name=a,reason=BecameReady"
    )
    assert told["apiVersion"] == "events.k8s.io/v1"
    assert told["regarding"]["name"] == "a"
    assert told["note"].startswith("runtime 1 answers")
    assert (told["reportingController"], told["deprecatedCount"]) == ("admin", 1)
    assert "message" not in told


async def test_an_event_is_found_by_its_name_for_ever(three: Api) -> None:
    three.inner.clock.pass_(24 * 3600)
    answer = await three.client.get(f"{HERE}/a.3")
    assert (answer.status_code, answer.json()["reason"]) == (200, "BecameReady")


@pytest.mark.parametrize("name", ["a.4", "a", "a.0", "a.", "nobody.1", "a.1f" + "f" * 20, "..1"])
async def test_an_event_that_is_not_there_is_not_found(three: Api, name: str) -> None:
    answer = await three.client.get(f"{HERE}/{name}")
    assert (answer.status_code, answer.json()["reason"]) == (404, "NotFound")
    assert answer.json()["message"] == f'events "{name}" not found'
    assert answer.json()["details"] == {"name": name, "kind": "events"}


async def test_lists_show_the_last_hour_and_a_labs_own_shows_all(three: Api) -> None:
    three.inner.clock.pass_(3601)
    await three.create("new")
    assert [each["metadata"]["name"] for each in await _items(three, HERE)] == ["new.1"]
    assert len(await _items(three, f"{HERE}?fieldSelector={OF_A}")) == 3


async def test_pages_tell_one_moment(three: Api) -> None:
    first = (await three.client.get(f"{HERE}?limit=2")).json()
    assert first["metadata"]["remainingItemCount"] == 3
    await three.create("late")
    token = first["metadata"]["continue"]
    rest = (await three.client.get(f"{HERE}?limit=9&continue={token}")).json()
    names = [each["metadata"]["name"] for each in (*first["items"], *rest["items"])]
    assert names == ["c.1", "b.1", "a.1", "a.2", "a.3"]
    assert "continue" not in rest["metadata"]
    assert rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


@pytest.mark.parametrize("last", ["", "²", "-1", "9" * 5000, "name"])
async def test_a_token_of_another_list_is_refused(three: Api, last: str) -> None:
    token = write_token(ContinueFrom(after=LabKey("", last), position=2, past=False))
    answer = await three.client.get(f"{HERE}?continue={token}")
    assert (answer.status_code, answer.json()["message"]) == (400, "continue key is not valid")


async def test_events_are_printed_in_columns(three: Api) -> None:
    answer = await three.client.get(HERE, headers={"Accept": TABLE})
    table = answer.json()
    columns = [each["name"] for each in table["columnDefinitions"] if not each["priority"]]
    assert columns == ["Last Seen", "Type", "Reason", "Object", "Message"]
    assert table["rows"][0]["cells"][:4] == ["0s", "Normal", "Created", "labinstance/c"]


async def test_a_watch_begins_with_what_is_listed_and_goes_on(three: Api) -> None:
    async with watching(three, path=HERE) as watcher:
        assert [name for _, name in await watcher.told(5)] == ["c.1", "b.1", "a.1", "a.2", "a.3"]
        await three.client.delete("/apis/lab.neuroglia.com/v1/namespaces/default/labinstances/b")
        assert await watcher.told(1) == [("ADDED", "b.2")]


async def test_a_watch_begins_at_any_position(three: Api) -> None:
    listed = await _items(three, HERE)
    since = f"&resourceVersion={listed[1]['metadata']['resourceVersion']}"
    async with watching(three, since, path=HERE) as watcher:
        assert [name for _, name in await watcher.told(3)] == ["a.1", "a.2", "a.3"]


async def test_a_watch_tells_only_what_is_asked_for(three: Api) -> None:
    selector = "&fieldSelector=involvedObject.name=b&resourceVersion=1"
    async with watching(three, selector, path=f"{EVENTS}/events") as watcher:
        assert await watcher.told(1) == [("ADDED", "b.1")]
        await three.create("other")
        await three.settled()
        assert watcher.nothing_more()


async def test_a_watch_list_ends_with_its_mark(three: Api) -> None:
    query = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with watching(three, query, path=HERE) as watcher:
        *_, mark = [await watcher.next() for _ in range(6)]
    assert mark["type"] == "BOOKMARK"
    assert mark["object"]["metadata"]["resourceVersion"] == str(await three.head())


async def test_a_position_in_the_future_is_told_inside_the_watch(three: Api) -> None:
    async with watching(three, "&resourceVersion=999", path=HERE) as watcher:
        told = await watcher.next()
    assert (told["type"], told["object"]["code"]) == ("ERROR", 410)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("fieldSelector=spec.x=1", 400),
        ("labelSelector=a=(", 400),
        ("continue=nonsense", 400),
        ("asOf=2026-01-31T12:00:00Z", 400),
        ("resourceVersion=999", 504),
    ],
)
async def test_queries_that_events_cannot_answer_are_refused(
    three: Api, query: str, code: int
) -> None:
    assert (await three.client.get(f"{HERE}?{query}")).status_code == code


async def test_events_speak_of_the_incarnation_they_are_about(api: Api) -> None:
    first = await api.create("a")
    await api.client.delete("/apis/lab.neuroglia.com/v1/namespaces/default/labinstances/a")
    await api.complete_deletion("a")
    second = await api.create("a")
    told = await _items(api, f"{HERE}?fieldSelector={OF_A}")
    assert [each["involvedObject"]["uid"] for each in told] == [
        *[first["metadata"]["uid"]] * 3,
        second["metadata"]["uid"],
    ]


async def _items(api: Api, path: str) -> list[dict[str, Any]]:
    answer = await api.client.get(path)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_watch_may_begin_before_everything(three: Api) -> None:
    before_all = "&resourceVersion=0&resourceVersionMatch=Exact"
    async with watching(three, before_all, HERE) as watcher:
        told = await watcher.told(5)
    assert {kind for kind, _ in told} == {"ADDED"}
