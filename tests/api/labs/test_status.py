"""The status as a subresource: clients keep fields and conditions of their own in it."""

from typing import Any

import httpx

from tests.api.arrangement import LABS, Api, manifest

STATUS = f"{LABS}/ann/status"
MERGE = {"Content-Type": "application/merge-patch+json"}
GRADED = {"type": "Graded", "status": "True", "reason": "Done", "message": ""}


async def test_a_client_keeps_fields_of_its_own(api: Api) -> None:
    await api.create("ann")
    answer = await _patch(api, {"status": {"kopf": {"progress": 1}}})
    assert answer.json()["status"]["kopf"] == {"progress": 1}
    assert answer.json()["status"]["state"] == "pending"
    await api.make_ready("ann")
    told = (await api.client.get(STATUS)).json()["status"]
    assert (told["kopf"], told["state"]) == ({"progress": 1}, "ready")


async def test_writing_the_same_status_again_records_nothing(api: Api) -> None:
    await api.create("ann")
    await _patch(api, {"status": {"kopf": {"a": 1, "b": 2}}})
    head = await api.head()
    await _patch(api, {"status": {"kopf": {"b": 2, "a": 1}}})
    assert await api.head() == head


async def test_status_fields_of_the_service_stay_with_a_warning(api: Api) -> None:
    await api.create("ann")
    answer = await _patch(api, {"status": {"state": "ready"}})
    assert answer.json()["status"]["state"] == "pending"
    assert answer.headers["Warning"] == '299 - "status.state is kept by the service"'


async def test_a_client_adds_conditions_and_leaves_the_services_alone(api: Api) -> None:
    made = await api.create("ann")
    mine = [*made["status"]["conditions"], GRADED]
    answer = await _patch(api, {"status": {"conditions": mine}})
    kinds = [each["type"] for each in answer.json()["status"]["conditions"]]
    assert kinds == [*(each["type"] for each in made["status"]["conditions"]), "Graded"]


async def test_a_put_of_the_whole_lab_changes_nothing_but_the_status(api: Api) -> None:
    made = await api.create("ann")
    made["status"]["grade"] = 3
    made["spec"]["duration"] = "10m"
    answer = await api.client.put(STATUS, json=made)
    assert answer.json()["status"]["grade"] == 3
    assert answer.json()["spec"]["duration"] == "60m"


async def test_a_stale_version_is_a_conflict(api: Api) -> None:
    made = await api.create("ann")
    await _patch(api, {"status": {"grade": 1}})
    made["status"]["grade"] = 2
    assert (await api.client.put(STATUS, json=made)).status_code == 409


async def test_two_managers_apply_conditions_of_their_own(api: Api) -> None:
    await api.create("ann")
    for kind in ("Graded", "Seen"):
        wanted = {**manifest("ann"), "status": {"conditions": [{**GRADED, "type": kind}]}}
        applied = await api.client.patch(
            f"{STATUS}?fieldManager={kind.lower()}",
            json=wanted,
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
        assert applied.status_code == 200, applied.text
    answer = await api.client.get(STATUS)
    kinds = [each["type"] for each in answer.json()["status"]["conditions"]]
    assert kinds[-2:] == ["Graded", "Seen"]


async def test_a_status_that_is_no_object_is_invalid(api: Api) -> None:
    await api.create("ann")
    for wrong in (5, {"conditions": [1]}, {"conditions": [GRADED, GRADED]}):
        assert (await _patch(api, {"status": wrong})).status_code == 422


async def test_all_labs_that_match_can_be_deleted_at_once(three: Api) -> None:
    answer = await three.client.delete(f"{LABS}?labelSelector=course=python")
    assert [item["metadata"]["name"] for item in answer.json()["items"]] == ["a", "c"]
    assert (await three.view("b")).lab.deletion_requested_at is None


async def _patch(api: Api, patch: Any) -> httpx.Response:
    return await api.client.patch(STATUS, json=patch, headers=MERGE)
