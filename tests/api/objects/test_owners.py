"""Who owns which fields of namespaces, leases and events."""

from typing import Any

from tests.api.arrangement import Api

NAMESPACES = "/api/v1/namespaces"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
APPLY = {"Content-Type": "application/apply-patch+yaml"}
MERGE = {"Content-Type": "application/merge-patch+json"}


def course(**labels: str) -> dict[str, Any]:
    return {"metadata": {"name": "course", "labels": labels}}


async def apply(api: Api, body: dict[str, Any], query: str) -> Any:
    path = f"{NAMESPACES}/course?{query}"
    return await api.client.patch(path, json=body, headers=APPLY)


async def test_a_field_that_is_applied_no_more_is_taken_away(api: Api) -> None:
    await apply(api, course(a="1", b="2"), "fieldManager=ann")
    again = await apply(api, course(a="1"), "fieldManager=ann")
    assert again.json()["metadata"]["labels"] == {
        "a": "1",
        "kubernetes.io/metadata.name": "course",
    }


async def test_applying_a_field_of_another_owner_conflicts_unless_forced(api: Api) -> None:
    await apply(api, course(a="1"), "fieldManager=ann")
    refused = await apply(api, course(a="2"), "fieldManager=bob")
    assert (refused.status_code, refused.json()["reason"]) == (409, "Conflict")
    assert refused.json()["details"]["causes"][0]["field"] == ".metadata.labels.a"
    forced = await apply(api, course(a="2"), "fieldManager=bob&force=true")
    assert forced.json()["metadata"]["labels"]["a"] == "2"
    owners = forced.json()["metadata"]["managedFields"]
    assert [(owner["manager"], owner["apiVersion"]) for owner in owners] == [("bob", "v1")]


async def test_applying_the_same_again_changes_nothing(api: Api) -> None:
    first = await apply(api, course(a="1"), "fieldManager=ann")
    head = await api.head()
    second = await apply(api, course(a="1"), "fieldManager=ann")
    assert (second.json(), await api.head()) == (first.json(), head)


async def test_an_update_owns_what_it_changed(api: Api) -> None:
    lease = {"metadata": {"name": "leader"}, "spec": {"holderIdentity": "ann"}}
    await api.client.post(f"{LEASES}?fieldManager=elector", json=lease)
    patch = {"spec": {"leaseTransitions": 1}}
    path = f"{LEASES}/leader?fieldManager=other"
    owners = (await api.client.patch(path, json=patch, headers=MERGE)).json()["metadata"][
        "managedFields"
    ]
    assert {owner["manager"]: owner["fieldsV1"] for owner in owners} == {
        "elector": {"f:spec": {"f:holderIdentity": {}}},
        "other": {"f:spec": {"f:leaseTransitions": {}}},
    }


async def test_owners_can_be_forgotten_and_are_recorded_for_nobody_unnamed(api: Api) -> None:
    await apply(api, course(a="1"), "fieldManager=ann")
    patch: dict[str, Any] = {"metadata": {"managedFields": [{}]}}
    forgotten = await api.client.patch(f"{NAMESPACES}/course", json=patch, headers=MERGE)
    assert "managedFields" not in forgotten.json()["metadata"]
    named = {"metadata": {"labels": {"b": "1"}}}
    changed = await api.client.patch(f"{NAMESPACES}/course", json=named, headers=MERGE)
    assert "managedFields" not in changed.json()["metadata"]


async def test_an_apply_that_names_owners_or_a_missing_object_is_refused(api: Api) -> None:
    body = course(a="1")
    body["metadata"]["managedFields"] = [{"manager": "ann"}]
    assert (await apply(api, body, "fieldManager=ann")).status_code == 400
    body = course(a="1")
    body["metadata"]["uid"] = "another"
    assert (await apply(api, body, "fieldManager=ann")).status_code == 404
    assert (await apply(api, course(), "force=true")).status_code == 422
