"""One lab from the request to its proven removal, through the whole service."""

from datetime import UTC, datetime

import httpx
import pytest

from tests.scenarios.conftest import NewService
from tests.scenarios.processes import command_line, processes_of
from tests.scenarios.service import LABS, create, history, until_state
from tests.servers.plain_http import NO_TLS

CREATED, STARTED, READY = (
    "lab-instance.created.v1",
    "lab-instance.provisioning-started.v1",
    "lab-instance.became-ready.v2",
)


async def test_a_real_lab_lives_its_time_and_is_proven_gone(new_service: NewService) -> None:
    service = new_service(LAB_PROVISIONER="process")
    await service.start()
    async with service.client() as client:
        made = await create(client, "ann", duration="4s")
        uid = made["metadata"]["uid"]
        ready = await until_state(client, "ann", "ready")
        assert processes_of(uid)
        async with httpx.AsyncClient(verify=NO_TLS) as student:
            endpoint = ready["status"]["endpoint"]
            assert (await student.get(endpoint)).status_code in {200, 401, 403}
            link = (await client.post(f"{LABS}/ann/access")).json()["url"]
            assert (await student.get(link, follow_redirects=True)).status_code == 200
        expires = datetime.fromisoformat(ready["status"]["expiresAt"])
        await until_state(client, "ann", "deleted")
        assert processes_of(uid) == []
        told = await history(client, "ann")
        kinds = [entry["type"] for entry in told]
        assert kinds[:3] == [CREATED, STARTED, READY]
        assert kinds[-3:] == [
            "lab-instance.expired.v1",
            "lab-instance.deletion-requested.v1",
            "lab-instance.deleted.v1",
        ]
        expired = datetime.fromisoformat(told[-3]["time"])
        assert 0 <= (expired - expires).total_seconds() < 2
        await _the_name_can_be_used_again(client, uid, told[2]["position"])


async def _the_name_can_be_used_again(client: httpx.AsyncClient, uid: str, position: str) -> None:
    again = await create(client, "ann")
    assert again["metadata"]["uid"] != uid
    past = await client.get(
        f"{LABS}/ann", params={"resourceVersion": position, "resourceVersionMatch": "Exact"}
    )
    assert past.json()["metadata"]["uid"] == uid
    assert past.json()["status"]["state"] == "ready"
    told = await history(client, "ann")
    assert {entry["uid"] for entry in told} == {uid, again["metadata"]["uid"]}


async def test_history_tells_who_when_where_and_what(new_service: NewService) -> None:
    service = new_service()
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        await until_state(client, "ann", "ready")
        told = (await history(client, "ann"))[:3]
    assert [entry["actor"] for entry in told] == [
        "admin",
        "controller/provisioning",
        "controller/provisioning",
    ]
    states = [
        step["value"]
        for entry in told
        for step in entry["difference"]
        if step["path"] == "/status/state"
    ]
    assert states == ["provisioning", "ready"]
    assert told[0]["difference"][0]["value"]["status"]["state"] == "pending"
    assert [entry.get("cause", {}).get("version") for entry in told] == [None, 1, 2]
    assert told[1]["causationId"] != told[0]["causationId"]
    assert {entry["correlationId"] for entry in told} == {told[0]["correlationId"]}
    positions = [int(entry["position"]) for entry in told]
    assert positions == sorted(set(positions))
    assert all(
        datetime.fromisoformat(entry["time"]) <= datetime.now(UTC)  # noqa: TID251  the real one
        for entry in told
    )


@pytest.mark.lab
async def test_the_example_everybody_starts_with_opens_a_notebook(
    new_service: NewService,
) -> None:
    service = new_service(LAB_PROVISIONER="process")
    await service.start()
    async with service.client() as client:
        made = await create(
            client,
            "lab-instance",
            template="python-basics",
            duration="60m",
            studentEmail="student@example.com",
        )
        await until_state(client, "lab-instance", "ready")
        link = (await client.post(f"{LABS}/lab-instance/access")).json()["url"]
        async with httpx.AsyncClient(follow_redirects=True, verify=NO_TLS) as student:
            page = await student.get(link)
        assert page.status_code == 200
        assert "marimo" in page.text
        secret = link.split("=")[-1]
        seen = " ".join(command_line(pid) for pid in processes_of(made["metadata"]["uid"]))
        assert secret not in seen
        everything = [service.logs.read_text(), str(await history(client, "lab-instance"))]
        everything.append((await client.get(f"{LABS}/lab-instance")).text)
        everything.append((await client.get(f"{LABS}/lab-instance/log")).text)
        assert all(secret not in text for text in everything)
        assert "student@example.com" not in service.logs.read_text()
        assert service.token not in service.logs.read_text()
        await client.delete(f"{LABS}/lab-instance")
        await until_state(client, "lab-instance", "deleted")
        assert processes_of(made["metadata"]["uid"]) == []


async def test_a_lab_can_be_restarted_extended_and_deleted(new_service: NewService) -> None:
    service = new_service()
    await service.start()
    async with service.client() as client:
        await create(client, "ann")
        first = await until_state(client, "ann", "ready")
        longer = await client.post(f"{LABS}/ann/extend", json={"by": "30m"})
        assert longer.status_code == 200, longer.text
        moved = datetime.fromisoformat(longer.json()["status"]["expiresAt"])
        before = datetime.fromisoformat(first["status"]["expiresAt"])
        assert (moved - before).total_seconds() == 1800
        assert (await client.post(f"{LABS}/ann/restart")).status_code == 200
        again = await until_state(client, "ann", "ready")
        assert again["status"]["expiresAt"] == longer.json()["status"]["expiresAt"]
        started = [e for e in await history(client, "ann") if e["type"] == STARTED]
        assert len(started) == 2
        assert (await client.delete(f"{LABS}/ann")).status_code == 200
        await until_state(client, "ann", "deleted")
