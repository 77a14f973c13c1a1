"""Clients' Events and the facts of labs, told as one."""

from typing import Any

from tests.api.arrangement import Api
from tests.api.kubernetes.protobuf_writer import PROTOBUF, enveloped, field
from tests.api.watcher import watching

HERE = "/api/v1/namespaces/default/events"
NEW = "/apis/events.k8s.io/v1/namespaces/default/events"
MERGE = {"Content-Type": "application/merge-patch+json"}


async def test_clients_events_stand_among_the_facts(three: Api) -> None:
    await _written(three, "a.seen")
    await three.create("later")
    told = (await three.client.get(HERE)).json()
    names = [each["metadata"]["name"] for each in told["items"]]
    assert names == ["c.1", "b.1", "a.1", "a.2", "a.3", "a.seen", "later.1"]
    about_a = "fieldSelector=involvedObject.kind=LabInstance,involvedObject.name=a"
    told = (await three.client.get(f"{HERE}?{about_a}")).json()
    assert [each["reason"] for each in told["items"]][-1] == "Seen"
    assert (await three.client.get(f"{NEW}/a.seen")).json()["regarding"]["name"] == "a"


async def test_pages_go_through_both(three: Api) -> None:
    await _written(three, "a.seen")
    names, token = [], ""
    while True:
        page = (await three.client.get(HERE, params={"limit": "2", "continue": token})).json()
        names += [each["metadata"]["name"] for each in page["items"]]
        token = page["metadata"].get("continue", "")
        if not token:
            break
    assert names == ["c.1", "b.1", "a.1", "a.2", "a.3", "a.seen"]


async def test_a_watch_tells_both_in_the_order_of_the_log(three: Api) -> None:
    async with watching(three, path=HERE) as watcher:
        await watcher.told(5)
        await _written(three, "a.seen")
        await three.create("later")
        await three.client.request("PATCH", f"{HERE}/a.seen", json={"count": 2}, headers=MERGE)
        await three.client.delete(f"{HERE}/a.seen")
        assert await watcher.told(4) == [
            ("ADDED", "a.seen"),
            ("ADDED", "later.1"),
            ("MODIFIED", "a.seen"),
            ("DELETED", "a.seen"),
        ]


async def test_an_event_that_no_longer_matches_is_gone_for_its_watcher(three: Api) -> None:
    await _written(three, "a.seen")
    async with watching(three, "&fieldSelector=reason=Seen", path=HERE) as watcher:
        assert await watcher.told(1) == [("ADDED", "a.seen")]
        patch = {"reason": "Other"}
        await three.client.request("PATCH", f"{HERE}/a.seen", json=patch, headers=MERGE)
        line = await watcher.next()
        assert (line["type"], line["object"]["reason"]) == ("DELETED", "Seen")
        assert line["object"]["metadata"]["resourceVersion"] == str(await three.head())


async def test_an_event_may_be_written_as_protobuf(three: Api) -> None:
    about = field(1, "LabInstance") + field(2, "default") + field(3, "a")
    body = enveloped("v1", "Event", field(1, field(1, "a.raw")), field(2, about), field(3, "Raw"))
    answer = await three.client.post(HERE, content=body, headers=PROTOBUF)
    assert answer.status_code == 201, answer.text
    assert (await three.client.get(f"{HERE}/a.raw")).json()["reason"] == "Raw"


async def test_a_namespace_may_be_made_from_protobuf(three: Api) -> None:
    body = enveloped("v1", "Namespace", field(1, field(1, "class-a") + field(8, b"")))
    answer = await three.client.post("/api/v1/namespaces", content=body, headers=PROTOBUF)
    assert answer.status_code == 201, answer.text


async def test_a_fact_is_not_written_over(three: Api) -> None:
    answer = await three.client.delete(f"{HERE}/a.1")
    assert answer.status_code == 404
    assert (await three.client.get(f"{HERE}/a.1")).status_code == 200


async def _written(api: Api, name: str) -> dict[str, Any]:
    about = {"kind": "LabInstance", "namespace": "default", "name": "a"}
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name},
        "involvedObject": about,
        "reason": "Seen",
        "message": "hello",
        "type": "Normal",
    }
    answer = await api.client.post(HERE, json=event)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made
