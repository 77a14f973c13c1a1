"""Server-side apply, JSON patch, and who owns which fields."""

from typing import Any

import httpx
import pytest

from tests.api.arrangement import LABS, Api, manifest

LAB = f"{LABS}/ann"
APPLY = {"Content-Type": "application/apply-patch+yaml"}
JSON_PATCH = {"Content-Type": "application/json-patch+json"}


async def test_applying_what_is_not_there_makes_it(api: Api) -> None:
    made = await _apply(api, manifest("ann"), "kubectl")
    assert made.status_code == 201
    (owner,) = made.json()["metadata"]["managedFields"]
    assert (owner["manager"], owner["operation"]) == ("kubectl", "Apply")
    assert set(owner["fieldsV1"]["f:spec"]) == {
        "f:template",
        "f:duration",
        "f:studentEmail",
        "f:environment",
    }


async def test_applying_the_same_again_records_nothing(api: Api) -> None:
    await _apply(api, manifest("ann"), "kubectl")
    head = await api.head()
    api.inner.clock.pass_(5)
    assert (await _apply(api, manifest("ann"), "kubectl")).status_code == 200
    assert await api.head() == head


async def test_applying_a_field_of_another_manager_conflicts_unless_forced(api: Api) -> None:
    await _apply(api, manifest("ann"), "teacher")
    wanted = manifest("ann")
    wanted["spec"] = {"duration": "90m"}
    refused = await _apply(api, wanted, "grader")
    assert (refused.status_code, refused.json()["reason"]) == (409, "Conflict")
    (cause,) = refused.json()["details"]["causes"]
    assert (cause["reason"], cause["field"]) == ("FieldManagerConflict", ".spec.duration")
    assert cause["message"].startswith('conflict with "teacher" using lab.neuroglia.com/v1 at ')
    taken = await _apply(api, wanted, "grader", "&force=true")
    assert taken.json()["spec"]["duration"] == "90m"


async def test_a_field_no_longer_applied_goes_unless_another_owns_it(api: Api) -> None:
    await _apply(api, manifest("ann", labels={"a": "1", "b": "2"}), "teacher")
    await _apply(api, {**manifest("ann", labels={"b": "2"}), "spec": {}}, "grader")
    left = await _apply(api, manifest("ann"), "teacher")
    assert left.json()["metadata"]["labels"] == {"b": "2"}


async def test_finalizers_of_two_managers_stand_side_by_side(api: Api) -> None:
    for name in ("one", "two"):
        wanted = {**manifest("ann", finalizers=[f"example.org/{name}"]), "spec": {}}
        await _apply(api, wanted, name)
    answer = await api.client.get(LAB)
    assert answer.json()["metadata"]["finalizers"] == ["example.org/one", "example.org/two"]


async def test_an_apply_must_say_who_applies(api: Api) -> None:
    answer = await api.client.patch(LAB, json=manifest("ann"), headers=APPLY)
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid")


async def test_an_apply_may_not_bring_its_owners_along(api: Api) -> None:
    wanted = manifest("ann", managedFields=[{"manager": "x"}])
    assert (await _apply(api, wanted, "kubectl")).status_code == 400


async def test_a_dry_run_of_an_apply_records_nothing(api: Api) -> None:
    head = await api.head()
    assert (await _apply(api, manifest("ann"), "kubectl", "&dryRun=All")).status_code == 201
    assert await api.head() == head


async def test_a_write_that_names_nobody_leaves_an_untracked_lab_untracked(api: Api) -> None:
    await api.create("ann")
    answer = await _json_patch(api, [{"op": "add", "path": "/metadata/labels", "value": {}}])
    assert "managedFields" not in answer.json()["metadata"]


async def test_fields_that_an_update_changes_become_its_writers(api: Api) -> None:
    await _apply(api, manifest("ann"), "teacher")
    await api.client.patch(
        LAB,
        json={"spec": {"duration": "30m"}},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    refused = await _apply(api, manifest("ann"), "teacher")
    assert refused.status_code == 409


async def test_owners_can_be_handed_over_by_a_json_patch(api: Api) -> None:
    made = (await _apply(api, manifest("ann"), "old")).json()["metadata"]
    fields = [{**made["managedFields"][0], "manager": "new"}]
    answer = await _json_patch(
        api,
        [
            {"op": "replace", "path": "/metadata/managedFields", "value": fields},
            {
                "op": "replace",
                "path": "/metadata/resourceVersion",
                "value": made["resourceVersion"],
            },
        ],
    )
    owners = [owner["manager"] for owner in answer.json()["metadata"]["managedFields"]]
    assert owners == ["new"]


async def test_a_failed_test_of_a_json_patch_is_invalid(api: Api) -> None:
    await api.create("ann")
    patch = [{"op": "test", "path": "/metadata/resourceVersion", "value": "1234"}]
    answer = await _json_patch(api, patch)
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid")


@pytest.mark.parametrize("patch", [{}, [1], [{"op": "add"}], [{"op": "x", "path": "/a"}]])
async def test_a_body_that_is_no_json_patch_is_refused(api: Api, patch: Any) -> None:
    await api.create("ann")
    assert (await _json_patch(api, patch)).status_code == 400


async def test_a_json_patch_removes_finalizers(api: Api) -> None:
    await api.create("ann", finalizers=["example.org/grades"])
    answer = await _json_patch(api, [{"op": "remove", "path": "/metadata/finalizers"}])
    assert "finalizers" not in answer.json()["metadata"]


async def _apply(api: Api, wanted: Any, manager: str, query: str = "") -> httpx.Response:
    path = f"{LAB}?fieldManager={manager}{query}"
    return await api.client.patch(path, json=wanted, headers=APPLY)


async def _json_patch(api: Api, patch: Any) -> httpx.Response:
    return await api.client.patch(LAB, json=patch, headers=JSON_PATCH)
