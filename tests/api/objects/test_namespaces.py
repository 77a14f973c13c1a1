"""Namespaces over HTTP, as kubectl and operators use them."""

import pytest

from tests.api.arrangement import BASE, LABS, Api, manifest
from tests.api.watcher import watching

NAMESPACES = "/api/v1/namespaces"
MERGE = {"Content-Type": "application/merge-patch+json"}
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}


async def test_a_namespace_is_declared_and_read(api: Api) -> None:
    given = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "course"}}
    made = await api.client.post(NAMESPACES, json={**given, "spec": {}, "status": {}})
    assert made.status_code == 201
    document = made.json()
    assert (await api.client.get(f"{NAMESPACES}/course")).json() == document
    assert document["spec"] == {"finalizers": ["kubernetes"]}
    assert document["status"] == {"phase": "Active"}
    metadata = document["metadata"]
    assert metadata["labels"] == {"kubernetes.io/metadata.name": "course"}
    assert metadata["resourceVersion"] == str(await api.head())
    assert "namespace" not in metadata


async def test_an_existing_namespace_cannot_be_declared_again(api: Api) -> None:
    await api.declare_namespace("course")
    answer = await api.client.post(NAMESPACES, json={"metadata": {"name": "course"}})
    assert (answer.status_code, answer.json()["reason"]) == (409, "AlreadyExists")
    assert answer.json()["message"] == 'namespaces "course" already exists'


async def test_a_faulty_namespace_is_refused_with_every_fault(api: Api) -> None:
    metadata = {"name": "a.b", "labels": {"-": "x"}}
    answer = await api.client.post(NAMESPACES, json={"metadata": metadata})
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid")
    assert answer.json()["details"]["kind"] == "Namespace"
    causes = answer.json()["details"]["causes"]
    assert [cause["field"] for cause in causes] == ["metadata.name", "metadata.labels"]


async def test_unknown_fields_are_refused_only_when_being_strict(api: Api) -> None:
    given = {"metadata": {"name": "course"}, "colour": "red"}
    strict = await api.client.post(f"{NAMESPACES}?fieldValidation=Strict", json=given)
    assert strict.status_code == 400
    assert 'unknown field "colour"' in strict.json()["message"]
    warned = await api.client.post(NAMESPACES, json=given)
    assert (warned.status_code, "colour" in warned.headers["warning"]) == (201, True)


async def test_a_lab_cannot_be_created_in_a_namespace_that_nobody_declared(api: Api) -> None:
    path = f"{BASE}/namespaces/course/labinstances"
    for query in ("", "?dryRun=All"):
        answer = await api.client.post(f"{path}{query}", json=manifest("ann"))
        assert (answer.status_code, answer.json()["reason"]) == (404, "NotFound")
        assert answer.json()["message"] == 'namespaces "course" not found'
        assert answer.json()["details"] == {"name": "course", "kind": "namespaces"}
    headers = {"Content-Type": "application/apply-patch+yaml"}
    applied = await api.client.patch(
        f"{path}/ann?fieldManager=me", json=manifest("ann"), headers=headers
    )
    assert applied.status_code == 404
    assert await api.head() == 0


async def test_a_dry_run_declares_nothing(api: Api) -> None:
    answer = await api.client.post(f"{NAMESPACES}?dryRun=All", json={"metadata": {"name": "a"}})
    assert (answer.status_code, answer.json()["metadata"]["name"]) == (201, "a")
    assert await api.head() == 0


async def test_labels_are_patched_and_selected_by(api: Api) -> None:
    for name in ("a", "b"):
        await api.declare_namespace(name)
    patch = {"metadata": {"labels": {"term": "spring"}}}
    patched = await api.client.patch(f"{NAMESPACES}/a", json=patch, headers=MERGE)
    assert patched.json()["metadata"]["labels"]["term"] == "spring"
    again = await api.client.patch(f"{NAMESPACES}/a", json=patch, headers=MERGE)
    assert again.json() == patched.json()
    for query in ("labelSelector=term%3Dspring", "fieldSelector=metadata.name%3Da"):
        listed = (await api.client.get(f"{NAMESPACES}?{query}")).json()
        assert [item["metadata"]["name"] for item in listed["items"]] == ["a"]
    active = (await api.client.get(f"{NAMESPACES}?fieldSelector=status.phase%3DActive")).json()
    assert len(active["items"]) == 2
    wrong = await api.client.get(f"{NAMESPACES}?fieldSelector=spec.colour%3Dred")
    assert wrong.json()["message"] == "field label not supported: spec.colour"


async def test_a_stale_replacement_is_a_conflict(api: Api) -> None:
    await api.declare_namespace("a")
    document = (await api.client.get(f"{NAMESPACES}/a")).json()
    document["metadata"]["annotations"] = {"note": "1"}
    first = await api.client.put(f"{NAMESPACES}/a", json=document)
    assert first.status_code == 200
    stale = await api.client.put(f"{NAMESPACES}/a", json=document)
    assert (stale.status_code, stale.json()["reason"]) == (409, "Conflict")
    assert stale.json()["message"].startswith('Operation cannot be fulfilled on namespaces "a"')


async def test_an_applied_namespace_is_made_and_then_changed(api: Api) -> None:
    headers = {"Content-Type": "application/apply-patch+yaml"}
    path = f"{NAMESPACES}/a?fieldManager=me"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
    assert (await api.client.patch(path, json=body, headers=headers)).status_code == 201
    labelled = {**body, "metadata": {"name": "a", "labels": {"x": "y"}}}
    changed = await api.client.patch(path, json=labelled, headers=headers)
    assert (changed.status_code, changed.json()["metadata"]["labels"]["x"]) == (200, "y")


@pytest.mark.parametrize(
    "kind", ["application/strategic-merge-patch+json", "application/merge-patch+json"]
)
async def test_kubectls_patches_of_built_in_kinds_are_understood(api: Api, kind: str) -> None:
    await api.declare_namespace("a")
    patch = {"metadata": {"annotations": {"x": "y"}, "$retainKeys": ["annotations"]}}
    answer = await api.client.patch(f"{NAMESPACES}/a", json=patch, headers={"Content-Type": kind})
    assert answer.json()["metadata"]["annotations"] == {"x": "y"}


async def test_a_namespace_that_goes_says_so_and_takes_nothing_in(api: Api) -> None:
    await api.declare_namespace("course")
    path = f"{BASE}/namespaces/course/labinstances"
    await api.client.post(path, json=manifest("ann"))
    answer = await api.client.delete(f"{NAMESPACES}/course")
    assert (answer.status_code, answer.json()["status"]) == (200, {"phase": "Terminating"})
    assert "deletionTimestamp" in answer.json()["metadata"]
    refused = await api.client.post(path, json=manifest("bob"))
    assert (refused.status_code, refused.json()["reason"]) == (403, "Forbidden")
    assert refused.json()["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    assert "because it is being terminated" in refused.json()["message"]


async def test_the_default_namespace_may_not_be_deleted(api: Api) -> None:
    await api.declare_namespace("default")
    answer = await api.client.delete(f"{NAMESPACES}/default")
    assert (answer.status_code, answer.json()["reason"]) == (403, "Forbidden")


async def test_deleting_asks_for_what_must_be_true(api: Api) -> None:
    await api.declare_namespace("a")
    options = {"preconditions": {"uid": "another"}}
    answer = await api.client.request("DELETE", f"{NAMESPACES}/a", json=options)
    assert (answer.status_code, answer.json()["reason"]) == (409, "Conflict")
    missing = await api.client.delete(f"{NAMESPACES}/nowhere")
    assert missing.json()["message"] == 'namespaces "nowhere" not found'


async def test_a_table_shows_name_status_and_age(api: Api) -> None:
    await api.declare_namespace("a")
    table = (await api.client.get(NAMESPACES, headers=TABLE)).json()
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Status", "Age"]
    assert [row["cells"] for row in table["rows"]] == [["a", "Active", "0s"]]


async def test_pages_tell_one_moment(api: Api) -> None:
    for name in ("a", "b", "c"):
        await api.declare_namespace(name)
    first = (await api.client.get(f"{NAMESPACES}?limit=2")).json()
    await api.declare_namespace("d")
    await api.client.delete(f"{NAMESPACES}/c")
    rest = first["metadata"]["continue"]
    second = (await api.client.get(f"{NAMESPACES}?limit=2&continue={rest}")).json()
    assert [item["metadata"]["name"] for item in first["items"]] == ["a", "b"]
    told = [(item["metadata"]["name"], item["status"]["phase"]) for item in second["items"]]
    assert told == [("c", "Active")]
    assert second["metadata"] == {"resourceVersion": first["metadata"]["resourceVersion"]}


async def test_the_past_is_told(api: Api) -> None:
    await api.declare_namespace("a")
    then = await api.head()
    await api.client.delete(f"{NAMESPACES}/a")
    query = f"?resourceVersion={then}&resourceVersionMatch=Exact"
    assert (await api.client.get(f"{NAMESPACES}{query}")).json()["items"][0]["status"] == {
        "phase": "Active"
    }


async def test_a_watch_begins_with_what_is_there_and_goes_on(api: Api) -> None:
    await api.declare_namespace("a")
    await api.create("lab")
    async with watching(api, "&allowWatchBookmarks=true", NAMESPACES) as watcher:
        assert await watcher.told(1) == [("ADDED", "a")]
        await api.declare_namespace("b")
        await api.client.delete(f"{NAMESPACES}/a")
        assert await watcher.told(2) == [("ADDED", "b"), ("MODIFIED", "a")]
    async with watching(api, "&resourceVersion=1", NAMESPACES) as watcher:
        assert await watcher.told(2) == [("ADDED", "b"), ("MODIFIED", "a")]
    before_all = "&resourceVersion=0&resourceVersionMatch=Exact"
    async with watching(api, before_all, NAMESPACES) as watcher:
        assert await watcher.told(3) == [("ADDED", "a"), ("ADDED", "b"), ("MODIFIED", "a")]


async def test_a_watch_list_ends_its_beginning_with_a_bookmark(api: Api) -> None:
    await api.declare_namespace("a")
    query = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with watching(api, query, NAMESPACES) as watcher:
        assert await watcher.told(1) == [("ADDED", "a")]
        mark = await watcher.next()
    assert mark["type"] == "BOOKMARK"
    assert mark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_watched_object_that_stops_matching_is_told_as_deleted(api: Api) -> None:
    await api.declare_namespace("a")
    query = "&fieldSelector=status.phase%3DActive"
    async with watching(api, query, NAMESPACES) as watcher:
        assert await watcher.told(1) == [("ADDED", "a")]
        await api.client.delete(f"{NAMESPACES}/a")
        assert await watcher.told(1) == [("DELETED", "a")]


async def test_labs_of_default_need_no_declaration(api: Api) -> None:
    assert (await api.client.post(LABS, json=manifest("ann"))).status_code == 201
