"""The scale of a lab: one is what it is and all it can be, and every other wish is told why."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.lab_instance.control_commands import StartProvisioning
from domain.lab_instance.key import LabKey
from tests.api.arrangement import LABS, Api
from tests.api.kubernetes.test_tables import METADATA, TABLE
from tests.application.arrangement import arranged, context

SCALE = f"{LABS}/ann/scale"
JSON, MERGE = "application/json", "application/merge-patch+json"
PATCH, APPLY = "application/json-patch+json", "application/apply-patch+yaml"
ONE: dict[str, Any] = {
    "apiVersion": "autoscaling/v1",
    "kind": "Scale",
    "metadata": {"name": "ann", "namespace": "default"},
    "spec": {"replicas": 1},
}
SAME = {"spec": {"replicas": 1}}
TEST = {"op": "test", "path": "/spec/replicas", "value": 1}
SET = {"op": "replace", "path": "/spec/replicas", "value": 1}
MANAGER = {"fieldManager": "a"}
WRITES: list[tuple[str, str, Any]] = [
    ("PUT", JSON, ONE),
    ("PUT", "application/yaml", "spec: {replicas: 1}"),
    ("PATCH", MERGE, SAME),
    ("PATCH", MERGE, {}),
    ("PATCH", PATCH, [TEST, SET]),
    ("PATCH", APPLY, ONE),
]
WHY = (
    "must be 1: a lab is one environment for one student; to end it, delete the lab, and for "
    "another student, create another lab"
)
NAMED = 'Scale.autoscaling "ann" is invalid: '
NOT_ONE = [
    (0, "Invalid value: 0: ", "FieldValueInvalid"),
    (2, "Invalid value: 2: ", "FieldValueInvalid"),
    (-1, "Invalid value: -1: ", "FieldValueInvalid"),
    (10**30, "Invalid value: a number of more than 32 bits: ", "FieldValueInvalid"),
    (None, "Required value: ", "FieldValueRequired"),
]
MISTYPED = {
    "a string": "1",
    "a boolean": True,
    "a decimal number": 1.0,
    "an array": [1],
    "an object": {},
}
BAD_REQUESTS: list[tuple[str, str, Any, str]] = [
    ("PUT", JSON, {**ONE, "kind": "LabInstance"}, "the kind in the data does not match the "),
    ("PUT", JSON, {**ONE, "apiVersion": "lab.neuroglia.com/v1"}, "the API version in the data "),
    (
        *("PUT", JSON, {**ONE, "metadata": {"name": "bob"}}),
        "the name of the object does not match the name on the URL (ann)",
    ),
    (
        *("PUT", JSON, {**ONE, "metadata": {"namespace": "other"}}),
        "the namespace of the object does not match the namespace on the URL (default)",
    ),
    ("PATCH", MERGE, {"metadata": {"name": "bob"}}, "the name of the object does not match the "),
    ("PUT", JSON, "{", "the body of the request is not valid JSON: "),
    ("PUT", JSON, "", "the object provided is not a Scale: it must be a JSON object"),
    ("PUT", JSON, [1], "the object provided is not a Scale: it must be a JSON object"),
    ("PATCH", MERGE, [1], "a merge patch must be a JSON object"),
    ("PATCH", PATCH, SAME, "a JSON patch must be an array of at most 1000 operations"),
    (
        *("PATCH", APPLY, {**ONE, "metadata": {"managedFields": [{}]}}),
        "metadata.managedFields must be nil",
    ),
    ("PUT", JSON, {**ONE, "metadata": {"resourceVersion": "x"}}, "invalid resource version: "),
    (
        *("PUT", JSON, {**ONE, "spec": {"replicas": 1, "colour": "red"}}),
        'Scale in version "v1" cannot be handled as a Scale: strict decoding error: '
        'unknown field "spec.colour"',
    ),
]


async def test_a_scale_is_one_of_which_none_is_ready_until_the_lab_is(api: Api) -> None:
    made = (await api.create("ann", labels={"a": "b"}))["metadata"]
    told = (await api.client.get(SCALE)).json()
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    assert told == {
        **ONE,
        "metadata": {name: made[name] for name in names},
        "status": {"replicas": 0},
    }
    await api.make_ready("ann")
    assert (await api.client.get(SCALE)).json()["status"] == {"replicas": 1}
    await api.client.delete(f"{LABS}/ann")
    told = (await api.client.get(SCALE)).json()
    assert (told["spec"], told["status"]) == ({"replicas": 1}, {"replicas": 0})


@pytest.mark.parametrize("dry", [{}, {"dryRun": "All"}])
@pytest.mark.parametrize(("method", "kind", "body"), WRITES)
async def test_scaling_to_one_records_nothing(
    api: Api, method: str, kind: str, body: Any, dry: dict[str, str]
) -> None:
    await api.create("ann")
    head, before = await api.head(), (await api.client.get(SCALE)).json()
    answer = await _written(api, method, kind, body, **dry)
    assert (answer.status_code, answer.json()) == (200, before)
    assert await api.head() == head


async def test_a_put_without_a_type_is_json(api: Api) -> None:
    await api.create("ann")
    body = '{"spec": {"replicas": 1}}'
    request = api.client.build_request("PUT", SCALE, content=body)
    assert "content-type" not in request.headers
    assert (await api.client.send(request)).status_code == 200


@pytest.mark.parametrize("kind", [MERGE, JSON])
@pytest.mark.parametrize(("replicas", "value", "reason"), NOT_ONE)
async def test_any_other_number_is_told_what_to_do_instead(
    api: Api, kind: str, replicas: int | None, value: str, reason: str
) -> None:
    await api.create("ann")
    method = "PATCH" if kind == MERGE else "PUT"
    body = {"spec": {"replicas": replicas}}
    told = (await _written(api, method, kind, body)).json()
    assert (told["code"], told["reason"]) == (422, "Invalid")
    assert told["message"] == f"{NAMED}spec.replicas: {value}{WHY}"
    cause = {"reason": reason, "message": f"{value}{WHY}", "field": "spec.replicas"}
    about = {"name": "ann", "group": "autoscaling", "kind": "Scale"}
    assert told["details"] == {**about, "causes": [cause]}


@pytest.mark.parametrize("what", MISTYPED)
async def test_replicas_that_are_no_whole_number_are_refused_by_their_type(
    api: Api, what: str
) -> None:
    await api.create("ann")
    patch = {"spec": {"replicas": MISTYPED[what]}}
    told = (await _written(api, "PATCH", MERGE, patch)).json()
    assert (told["code"], told["reason"]) == (422, "Invalid")
    (cause,) = told["details"]["causes"]
    assert (cause["reason"], cause["field"]) == ("FieldValueTypeInvalid", "spec.replicas")
    assert cause["message"] == f"Invalid value: must be a whole number, not {what}"


async def test_every_fault_is_told_at_once(api: Api) -> None:
    await api.create("ann")
    body = {"metadata": {"labels": 1}, "spec": 5, "status": []}
    told = (await _written(api, "PUT", JSON, body)).json()
    causes = [(each["field"], each["reason"]) for each in told["details"]["causes"]]
    wrong = ["metadata.labels", "spec", "status"]
    assert causes == [(field, "FieldValueTypeInvalid") for field in wrong]


@pytest.mark.parametrize(("method", "kind", "body", "message"), BAD_REQUESTS)
async def test_a_scale_that_cannot_be_understood_is_a_bad_request(
    api: Api, method: str, kind: str, body: Any, message: str
) -> None:
    await api.create("ann")
    told = (await _written(api, method, kind, body, fieldValidation="Strict")).json()
    assert (told["code"], told["reason"]) == (400, "BadRequest")
    assert told["message"].startswith(message)


async def test_unknown_fields_are_warned_of_or_passed_over(api: Api) -> None:
    await api.create("ann")
    patch = {"spec": {"colour": "red"}, "status": {"colour": "red"}}
    answer = await _written(api, "PATCH", MERGE, patch)
    assert answer.status_code == 200
    warned = ", ".join(f'299 - "unknown field \\"{part}.colour\\""' for part in ("spec", "status"))
    assert answer.headers["Warning"] == warned
    ignored = await _written(api, "PATCH", MERGE, patch, fieldValidation="Ignore")
    assert (ignored.status_code, "Warning" in ignored.headers) == (200, False)


@pytest.mark.parametrize(("method", "kind"), [("PUT", JSON), ("PATCH", MERGE), ("PATCH", APPLY)])
async def test_a_lab_that_has_changed_or_is_another_is_a_conflict(
    api: Api, method: str, kind: str
) -> None:
    made = (await api.create("ann"))["metadata"]
    await api.make_ready("ann")
    for stale in ({"resourceVersion": made["resourceVersion"]}, {"uid": "another"}):
        body = {**ONE, "metadata": {"name": "ann", **stale}}
        told = (await _written(api, method, kind, body)).json()
        assert (told["code"], told["reason"], told["details"]["kind"]) == (
            *(409, "Conflict"),
            "labinstances",
        )
        assert told["message"].startswith("Operation cannot be fulfilled on labinstances.lab.neu")
    fresh = (await api.client.get(SCALE)).json()
    assert (await _written(api, method, kind, fresh)).status_code == 200


async def test_a_scale_of_a_stale_version_conflicts_with_another_writer(api: Api) -> None:
    made = (await api.create("ann"))["metadata"]
    key = LabKey("default", "ann")
    start = StartProvisioning(lab=key, uid=made["uid"], timeout=timedelta(minutes=1))
    await arranged(api.inner.store).mediator.send(start, context("elsewhere"))
    body = {**ONE, "metadata": {"resourceVersion": made["resourceVersion"]}}
    assert (await _written(api, "PUT", JSON, body)).status_code == 409


async def test_a_patch_that_tests_what_is_not_so_is_invalid(api: Api) -> None:
    await api.create("ann")
    told = (await _written(api, "PATCH", PATCH, [{**TEST, "value": 2}])).json()
    assert (told["code"], told["reason"]) == (422, "Invalid")
    assert told["message"] == "testing path /spec/replicas value failed"


@pytest.mark.parametrize(("method", "kind", "body"), [("GET", JSON, ""), *WRITES])
async def test_the_scale_of_a_lab_that_does_not_exist_is_not_found(
    api: Api, method: str, kind: str, body: Any
) -> None:
    told = (await _written(api, method, kind, body)).json()
    assert (told["code"], told["reason"]) == (404, "NotFound")
    assert told["message"] == 'labinstances.lab.neuroglia.com "ann" not found'


async def test_the_options_of_writes_are_those_of_every_write(api: Api) -> None:
    await api.create("ann")
    told = (await _written(api, "PUT", JSON, ONE, dryRun="Some")).json()
    assert (told["code"], told["details"]["kind"]) == (422, "UpdateOptions")
    unnamed = await api.client.patch(SCALE, json=ONE, headers={"Content-Type": APPLY})
    assert unnamed.json()["message"].startswith(
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value'
    )
    strategic = "application/strategic-merge-patch+json"
    assert (await _written(api, "PATCH", strategic, SAME)).status_code == 415
    assert (await _written(api, "DELETE", JSON, {})).status_code == 405


async def test_a_scale_is_printed_in_columns_or_as_metadata_only(api: Api) -> None:
    await api.create("ann")
    await api.make_ready("ann")
    table = (await api.client.get(SCALE, headers={"Accept": TABLE})).json()
    columns = [each["name"] for each in table["columnDefinitions"]]
    assert columns == ["Name", "Desired", "Available", "Age"]
    (row,) = table["rows"]
    assert row["cells"][:3] == ["ann", 1, 1]
    one = METADATA.replace("List", "")
    told = (await api.client.get(SCALE, headers={"Accept": one})).json()
    assert (told["kind"], told["metadata"]["name"]) == ("PartialObjectMetadata", "ann")


async def test_the_past_is_told_as_it_was(api: Api) -> None:
    created = (await api.create("ann"))["metadata"]["resourceVersion"]
    then = api.inner.clock.now()
    api.inner.clock.pass_(60)
    await api.make_ready("ann")
    exactly = {"resourceVersion": created, "resourceVersionMatch": "Exact"}
    for past in (exactly, {"asOf": then.isoformat()}):
        told = (await api.client.get(SCALE, params=past)).json()
        assert told["metadata"]["resourceVersion"] == created
        assert told["status"] == {"replicas": 0}


async def test_the_scale_is_discovered_with_a_kind_of_its_own(api: Api) -> None:
    rows = (await api.client.get("/apis/lab.neuroglia.com/v1")).json()["resources"]
    told = {row["name"]: row for row in rows}
    kind = {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    row = told["labinstances/scale"]
    assert row["verbs"] == ["get", "patch", "update"]
    assert row.items() >= kind.items()
    assert "group" not in told["labinstances/status"]
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    groups = (await api.client.get("/apis", headers={"Accept": accept})).json()["items"]
    below = [
        each
        for group in groups
        for resource in group["versions"][0]["resources"]
        for each in resource["subresources"]
        if each["subresource"] == "scale"
    ]
    assert below == [{"subresource": "scale", "responseKind": kind, "verbs": row["verbs"]}]


async def _written(api: Api, method: str, kind: str, body: Any, **query: str) -> httpx.Response:
    given: Any = {"content": body} if isinstance(body, str) else {"json": body}
    params = {**MANAGER, **query}
    headers = {"Content-Type": kind}
    return await api.client.request(method, SCALE, params=params, headers=headers, **given)
