"""PUT, PATCH and DELETE of labs."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.lab_instance.control_commands import StartProvisioning
from domain.lab_instance.key import LabKey
from tests.api.arrangement import LABS, Api, manifest
from tests.application.arrangement import arranged, context

MERGE = {"Content-Type": "application/merge-patch+json"}
MODIFIED = (
    'Operation cannot be fulfilled on labinstances.lab.neuroglia.com "lab1": the object has '
    "been modified; please apply your changes to the latest version and try again"
)


async def patch(api: Api, body: Any, query: str = "") -> httpx.Response:
    return await api.client.request("PATCH", f"{LABS}/lab1{query}", json=body, headers=MERGE)


async def test_put_replaces_the_whole_lab(api: Api) -> None:
    await api.create("lab1", labels={"a": "b"})
    body = {"metadata": {"name": "lab1", "annotations": {"n": "v"}}, "spec": {"duration": "2h"}}
    lab = (await api.client.put(f"{LABS}/lab1", json=body)).json()
    assert "labels" not in lab["metadata"]
    assert lab["metadata"]["annotations"] == {"n": "v"}
    assert lab["spec"] == {"template": "python-basics", "duration": "2h"}
    assert lab["metadata"]["generation"] == 2


async def test_put_with_a_stale_version_is_a_conflict_and_writes_nothing(api: Api) -> None:
    lab = await api.create("lab1")
    await patch(api, {"metadata": {"labels": {"a": "b"}}})
    head = await api.head()
    answer = await api.client.put(f"{LABS}/lab1", json={**lab, "spec": {"duration": "2h"}})
    assert (answer.status_code, answer.json()["message"]) == (409, MODIFIED)
    assert await api.head() == head


async def test_put_of_another_incarnation_is_a_conflict(api: Api) -> None:
    await api.create("lab1")
    answer = await api.client.put(f"{LABS}/lab1", json=manifest("lab1", uid="someone-else"))
    assert answer.status_code == 409
    assert "Precondition failed: UID in precondition: someone-else" in answer.json()["message"]


async def test_put_of_a_lab_that_is_not_there_is_not_found(api: Api) -> None:
    answer = await api.client.put(f"{LABS}/lab1", json=manifest("lab1"))
    assert answer.status_code == 404


@pytest.mark.parametrize("metadata", [{"name": "other"}, {"name": "lab1", "namespace": "other"}])
async def test_put_under_another_address_is_refused(api: Api, metadata: dict[str, str]) -> None:
    await api.create("lab1")
    answer = await api.client.put(f"{LABS}/lab1", json={"metadata": metadata})
    assert answer.status_code == 400
    assert "does not match" in answer.json()["message"]


@pytest.mark.parametrize("version", ["x", "-1", "1.5", "9" * 30, "\u0661"])
async def test_a_version_that_is_no_number_is_refused(api: Api, version: str) -> None:
    await api.create("lab1")
    body = manifest("lab1", resourceVersion=version)
    assert (await api.client.put(f"{LABS}/lab1", json=body)).status_code == 400


async def test_a_write_that_changes_nothing_writes_nothing(api: Api) -> None:
    lab = await api.create("lab1")
    for answer in (
        await api.client.put(f"{LABS}/lab1", json=lab),
        await patch(api, {"spec": {"duration": "60m"}}),
        await patch(api, {}),
    ):
        assert (answer.status_code, answer.json()) == (200, lab)


async def test_a_merge_patch_changes_what_it_names_and_null_takes_away(api: Api) -> None:
    await api.create("lab1", labels={"a": "1", "b": "2"})
    body = {"metadata": {"labels": {"a": None, "c": "3"}}, "spec": {"environment": {"X": "y"}}}
    lab = (await patch(api, body)).json()
    assert lab["metadata"]["labels"] == {"b": "2", "c": "3"}
    assert lab["spec"]["environment"] == {"COURSE": "intro", "X": "y"}


async def test_a_patch_leaves_alone_what_it_does_not_name(api: Api) -> None:
    await api.create("lab1", finalizers=["example.com/a"], annotations={"n": "v"})
    lab = (await patch(api, {"metadata": {"labels": {"a": "b"}}})).json()
    assert lab["metadata"]["finalizers"] == ["example.com/a"]
    assert lab["metadata"]["annotations"] == {"n": "v"}
    assert lab["metadata"]["generation"] == 1


async def test_a_patch_cannot_write_what_the_service_owns(api: Api) -> None:
    lab = await api.create("lab1")
    body = {"metadata": {"generation": 7}, "status": {"state": "ready"}}
    assert (await patch(api, body)).json() == lab


async def test_a_patch_with_a_stale_version_is_a_conflict(api: Api) -> None:
    lab = await api.create("lab1")
    await patch(api, {"metadata": {"labels": {"a": "b"}}})
    version = lab["metadata"]["resourceVersion"]
    stale = {"metadata": {"resourceVersion": version}, "spec": {"duration": "2h"}}
    answer = await patch(api, stale)
    assert (answer.status_code, answer.json()["message"]) == (409, MODIFIED)


async def test_a_patch_under_a_key_is_put_on_a_lab_that_another_process_has_changed(
    api: Api,
) -> None:
    uid = (await api.create("lab1"))["metadata"]["uid"]
    start = StartProvisioning(lab=LabKey("default", "lab1"), uid=uid, timeout=timedelta(minutes=1))
    await arranged(api.inner.store).mediator.send(start, context("elsewhere"))
    headers = {**MERGE, "Idempotency-Key": "one"}
    patched = await api.client.patch(
        f"{LABS}/lab1", json={"metadata": {"labels": {"a": "b"}}}, headers=headers
    )
    assert patched.status_code == 200, patched.text
    assert patched.json()["status"]["state"] == "provisioning"


async def test_patches_without_a_version_are_put_on_the_fresh_lab(api: Api) -> None:
    await api.create("lab1")
    answers = await asyncio.gather(
        *(patch(api, {"metadata": {"labels": {f"k{index}": "v"}}}) for index in range(4))
    )
    assert [answer.status_code for answer in answers] == [200] * 4
    lab = (await api.client.get(f"{LABS}/lab1")).json()
    assert set(lab["metadata"]["labels"]) == {"k0", "k1", "k2", "k3"}


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/strategic-merge-patch+json",
        "",
    ],
)
async def test_other_patches_are_told_what_is_accepted(api: Api, kind: str) -> None:
    await api.create("lab1")
    answer = await api.client.request(
        "PATCH", f"{LABS}/lab1", content=b"{}", headers={"Content-Type": kind}
    )
    assert (answer.status_code, answer.json()["reason"]) == (415, "UnsupportedMediaType")
    assert answer.json()["message"] == (
        "the body of the request was in an unknown format - accepted media types include: "
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
    )


@pytest.mark.parametrize("body", [None, [], "x", 1])
async def test_a_patch_that_is_no_object_is_refused(api: Api, body: Any) -> None:
    await api.create("lab1")
    assert (await patch(api, body)).status_code == 400


async def test_a_dry_run_shows_the_change_and_makes_none(api: Api) -> None:
    lab = await api.create("lab1")
    shown = (await patch(api, {"spec": {"duration": "2h"}}, "?dryRun=All")).json()
    assert shown["spec"]["duration"] == "2h"
    assert shown["metadata"]["generation"] == 2
    assert shown["metadata"]["resourceVersion"] == lab["metadata"]["resourceVersion"]
    assert (await api.client.get(f"{LABS}/lab1")).json() == lab


async def test_a_lab_whose_template_has_vanished_can_still_be_labelled(api: Api) -> None:
    await api.create("lab1")
    api.templates.forget("python-basics")
    assert (await patch(api, {"metadata": {"labels": {"a": "b"}}})).status_code == 200
    assert (await patch(api, {"spec": {"template": "unknown"}})).status_code == 422


async def test_delete_answers_the_lab_as_it_goes_and_a_repeat_the_same(api: Api) -> None:
    await api.create("lab1")
    await api.make_ready("lab1")
    answer = await api.client.delete(f"{LABS}/lab1")
    lab = answer.json()
    assert (answer.status_code, lab["kind"], lab["status"]["state"]) == (
        200,
        "LabInstance",
        "deleting",
    )
    assert lab["metadata"]["deletionTimestamp"].endswith("Z")
    assert lab["metadata"]["deletionGracePeriodSeconds"] == 0
    assert lab["metadata"]["generation"] == 2
    head = await api.head()
    again = await api.client.delete(f"{LABS}/lab1")
    assert (again.status_code, again.json()) == (200, lab)
    assert await api.head() == head


async def test_a_lab_that_is_gone_is_not_found_and_its_name_is_free(api: Api) -> None:
    first = await api.create("lab1")
    await api.client.delete(f"{LABS}/lab1")
    await api.complete_deletion("lab1")
    assert (await api.client.get(f"{LABS}/lab1")).status_code == 404
    assert (await api.client.delete(f"{LABS}/lab1")).status_code == 404
    second = await api.create("lab1")
    assert second["metadata"]["uid"] != first["metadata"]["uid"]


async def test_preconditions_of_a_delete_must_hold(api: Api) -> None:
    lab = await api.create("lab1")
    for wrong in ({"uid": "other"}, {"resourceVersion": "99"}):
        answer = await api.client.request("DELETE", f"{LABS}/lab1", json={"preconditions": wrong})
        assert (answer.status_code, answer.json()["reason"]) == (409, "Conflict")
    right = {name: lab["metadata"][name] for name in ("uid", "resourceVersion")}
    answer = await api.client.request("DELETE", f"{LABS}/lab1", json={"preconditions": right})
    assert answer.status_code == 200


@pytest.mark.parametrize(("query", "body"), [("?dryRun=All", None), ("", {"dryRun": ["All"]})])
async def test_a_dry_delete_deletes_nothing(api: Api, query: str, body: Any) -> None:
    await api.create("lab1")
    answer = await api.client.request("DELETE", f"{LABS}/lab1{query}", json=body)
    assert answer.json()["status"]["state"] == "deleting"
    assert (await api.client.get(f"{LABS}/lab1")).json()["status"]["state"] == "pending"


@pytest.mark.parametrize(
    "options", [[], "x", {"preconditions": []}, {"preconditions": {"uid": 5}}]
)
async def test_delete_options_that_cannot_be_read_are_refused(api: Api, options: Any) -> None:
    await api.create("lab1")
    answer = await api.client.request("DELETE", f"{LABS}/lab1", json=options)
    assert answer.status_code == 400


async def test_no_finalizer_can_be_added_while_the_lab_goes(api: Api) -> None:
    await api.create("lab1", finalizers=["example.com/a"])
    await api.client.delete(f"{LABS}/lab1")
    answer = await patch(api, {"metadata": {"finalizers": ["example.com/a", "example.com/b"]}})
    assert answer.status_code == 422
    assert answer.json()["details"]["causes"][0]["reason"] == "FieldValueForbidden"
    assert (await patch(api, {"metadata": {"finalizers": None}})).status_code == 200
