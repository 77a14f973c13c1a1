"""Leases, as operators elect their leaders with them."""

from typing import Any

from tests.api.arrangement import Api
from tests.api.watcher import watching

BASE = "/apis/coordination.k8s.io/v1"
LEASES = f"{BASE}/namespaces/default/leases"
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}


def lease(holder: str, **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "leader", **metadata},
        "spec": {
            "holderIdentity": holder,
            "leaseDurationSeconds": 15,
            "acquireTime": "2026-03-01T12:00:00.000000Z",
            "renewTime": "2026-03-01T12:00:00.000000Z",
            "leaseTransitions": 0,
        },
    }


async def test_only_one_of_two_candidates_acquires_and_only_one_takes_over(api: Api) -> None:
    first = await api.client.post(LEASES, json=lease("ann"))
    second = await api.client.post(LEASES, json=lease("bob"))
    assert (first.status_code, second.status_code) == (201, 409)
    seen = (await api.client.get(f"{LEASES}/leader")).json()
    assert seen["spec"] == lease("ann")["spec"]
    version = seen["metadata"]["resourceVersion"]
    answers = [
        await api.client.put(f"{LEASES}/leader", json=lease(name, resourceVersion=version))
        for name in ("bob", "eve")
    ]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["details"] == {
        "name": "leader",
        "group": "coordination.k8s.io",
        "kind": "leases",
    }
    now = (await api.client.get(f"{LEASES}/leader")).json()
    assert now["spec"]["holderIdentity"] == "bob"


async def test_a_renewal_by_patch_is_watched(api: Api) -> None:
    await api.client.post(LEASES, json=lease("ann"))
    async with watching(api, "", f"{BASE}/leases") as watcher:
        assert await watcher.told(1) == [("ADDED", "leader")]
        patch = {"spec": {"renewTime": "2026-03-01T12:00:05.000000Z"}}
        kind = {"Content-Type": "application/merge-patch+json"}
        await api.client.patch(f"{LEASES}/leader", json=patch, headers=kind)
        event = await watcher.next()
    assert event["type"] == "MODIFIED"
    assert event["object"]["spec"]["renewTime"] == "2026-03-01T12:00:05.000000Z"
    assert event["object"]["spec"]["holderIdentity"] == "ann"


async def test_faulty_leases_are_refused_with_every_fault(api: Api) -> None:
    body = lease("ann")
    body["spec"] |= {"leaseDurationSeconds": 0, "leaseTransitions": "many"}
    answer = await api.client.post(LEASES, json=body)
    assert answer.status_code == 422
    assert {cause["field"] for cause in answer.json()["details"]["causes"]} == {
        "spec.leaseDurationSeconds",
        "spec.leaseTransitions",
    }
    wrong = await api.client.post(LEASES, json={**lease("ann"), "spec": "none"})
    assert wrong.json()["details"]["causes"][0]["field"] == "spec"


async def test_a_lease_belongs_into_a_namespace_that_is_open(api: Api) -> None:
    path = f"{BASE}/namespaces/course/leases"
    for query in ("", "?dryRun=All"):
        answer = await api.client.post(f"{path}{query}", json=lease("ann"))
        assert answer.json()["message"] == 'namespaces "course" not found'
    await api.declare_namespace("course")
    assert (await api.client.post(path, json=lease("ann"))).status_code == 201
    await api.client.delete("/api/v1/namespaces/course")
    late = await api.client.post(path, json=lease("ann", name="late"))
    assert late.status_code == 403
    assert late.json()["message"].startswith('leases.coordination.k8s.io "late" is forbidden')


async def test_a_lease_is_shown_with_its_holder_and_goes_at_once(api: Api) -> None:
    await api.client.post(LEASES, json=lease("ann"))
    table = (await api.client.get(LEASES, headers=TABLE)).json()
    assert [row["cells"] for row in table["rows"]] == [["leader", "ann", "0s"]]
    gone = await api.client.delete(f"{LEASES}/leader")
    assert (gone.json()["status"], gone.json()["details"]["kind"]) == ("Success", "leases")
    assert (await api.client.get(f"{LEASES}/leader")).status_code == 404
    assert (await api.client.delete(f"{LEASES}/leader")).status_code == 404


async def test_a_finalizer_holds_a_lease_until_it_is_taken_away(api: Api) -> None:
    await api.client.post(LEASES, json=lease("ann", finalizers=["a/b"]))
    going = await api.client.delete(f"{LEASES}/leader")
    assert "deletionTimestamp" in going.json()["metadata"]
    path = "/metadata/finalizers"
    patch = [{"op": "remove", "path": path}]
    kind = {"Content-Type": "application/json-patch+json"}
    last = await api.client.patch(f"{LEASES}/leader", json=patch, headers=kind)
    assert last.status_code == 200
    assert (await api.client.get(f"{LEASES}/leader")).status_code == 404


async def test_all_leases_of_a_namespace_can_go_together(api: Api) -> None:
    for name in ("a", "b"):
        await api.client.post(LEASES, json=lease("ann", name=name, labels={"n": name}))
    gone = await api.client.delete(f"{LEASES}?labelSelector=n%3Da")
    assert [item["metadata"]["name"] for item in gone.json()["items"]] == ["a"]
    left = (await api.client.get(LEASES)).json()["items"]
    assert [item["metadata"]["name"] for item in left] == ["b"]
