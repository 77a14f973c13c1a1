"""POST of labs."""

from typing import Any

import pytest

from tests.api.arrangement import BASE, LABS, SEED_SPEC, Api, manifest


async def test_the_example_of_the_seed_is_accepted_as_it_stands(api: Api) -> None:
    answer = await api.client.post(LABS, json=manifest("lab1"))
    lab = answer.json()
    assert answer.status_code == 201
    assert (lab["apiVersion"], lab["kind"]) == ("lab.neuroglia.com/v1", "LabInstance")
    assert lab["spec"] == SEED_SPEC
    assert lab["metadata"]["namespace"] == "default"
    assert lab["metadata"]["generation"] == 1
    assert lab["metadata"]["resourceVersion"] == str(await api.head())
    assert lab["metadata"]["creationTimestamp"].endswith("00Z")
    assert lab["status"]["state"] == "pending"
    assert [each["type"] for each in lab["status"]["conditions"]] == [
        "Ready",
        "Provisioned",
        "DriftFree",
    ]


async def test_a_created_lab_is_read_at_once_as_it_was_answered(api: Api) -> None:
    created = await api.create("lab1")
    assert (await api.client.get(f"{LABS}/lab1")).json() == created


async def test_empty_fields_are_left_out(api: Api) -> None:
    body = {"metadata": {"name": "bare", "labels": {}}}
    lab = (await api.client.post(LABS, json=body)).json()
    assert lab["spec"] == {"template": "python-basics", "duration": "45m"}
    assert set(lab["metadata"]) == {
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
    }


async def test_null_means_that_nothing_was_said(api: Api) -> None:
    body = {
        "metadata": {"name": "lab1", "labels": None, "annotations": {"a": None}, "foo": None},
        "spec": {"duration": None, "environment": {"A": None}},
        "status": None,
    }
    answer = await api.client.post(LABS, json=body)
    assert answer.status_code == 201
    assert "Warning" not in answer.headers


async def test_fields_that_the_service_owns_are_overwritten_and_not_refused(api: Api) -> None:
    body = manifest("lab1", uid="mine", generation=9, creationTimestamp="2001-01-01T00:00:00Z")
    lab = (await api.client.post(LABS, json={**body, "status": {"state": "ready"}})).json()
    assert lab["metadata"]["uid"] != "mine"
    assert lab["metadata"]["generation"] == 1
    assert lab["status"]["state"] == "pending"


async def test_yaml_is_read_too(api: Api) -> None:
    text = "metadata: {name: lab1}\nspec:\n  duration: 30m\n  environment: {DAY: 2026-01-01}\n"
    headers = {"Content-Type": "application/yaml; charset=utf-8"}
    answer = await api.client.post(LABS, content=text, headers=headers)
    assert answer.status_code == 201
    assert answer.json()["spec"]["environment"] == {"DAY": "2026-01-01"}


async def test_a_missing_content_type_means_json(api: Api) -> None:
    request = api.client.build_request("POST", LABS, content=b'{"metadata":{"name":"lab1"}}')
    assert "Content-Type" not in request.headers
    assert (await api.client.send(request)).status_code == 201


async def test_a_generated_name_begins_with_its_prefix_and_is_not_given_twice(api: Api) -> None:
    names = set()
    for _ in range(20):
        answer = await api.client.post(LABS, json=manifest(generateName="lab-"))
        assert answer.status_code == 201
        names.add(answer.json()["metadata"]["name"])
    assert len(names) == 20
    assert all(name.startswith("lab-") and len(name) == 9 for name in names)


async def test_a_name_that_is_taken_is_refused(api: Api) -> None:
    await api.create("lab1")
    answer = await api.client.post(LABS, json=manifest("lab1"))
    assert answer.status_code == 409
    assert answer.json()["reason"] == "AlreadyExists"


async def test_any_declared_namespace_works_and_keeps_its_labs_apart(api: Api) -> None:
    await api.create("lab1")
    other = f"{BASE}/namespaces/course-2/labinstances"
    await api.declare_namespace("course-2")
    answer = await api.client.post(other, json=manifest("lab1"))
    assert answer.status_code == 201
    assert answer.json()["metadata"]["namespace"] == "course-2"


async def test_a_repeat_with_the_same_key_gets_the_first_answer(api: Api) -> None:
    headers = {"Idempotency-Key": "enrolment 17"}
    first = await api.client.post(LABS, json=manifest("lab1"), headers=headers)
    await api.make_ready("lab1")
    head = await api.head()
    again = await api.client.post(LABS, json=manifest("lab1"), headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert await api.head() == head


@pytest.mark.parametrize("in_between", [False, True])
async def test_a_key_used_again_with_another_body_is_refused_and_the_first_lab_stands(
    api: Api, in_between: bool
) -> None:
    headers = {"Idempotency-Key": "enrolment 17"}
    first = await api.client.post(LABS, json=manifest("lab1"), headers=headers)
    if in_between:  # the name has had another life since
        await api.client.post(f"{LABS}/lab1/abandon")
        await api.client.post(LABS, json=manifest("lab1"))
    head = await api.head()
    for other in (manifest("lab1", labels={"a": "b"}), {**manifest("lab1"), "spec": {}}):
        answer = await api.client.post(LABS, json=other, headers=headers)
        assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid")
        assert "used before, to create 'lab1' with another body" in answer.json()["message"]
    assert await api.head() == head
    again = await api.client.post(LABS, json=manifest("lab1"), headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())


async def test_a_repeat_with_a_generated_name_means_the_same_lab(api: Api) -> None:
    headers = {"Idempotency-Key": "enrolment 17"}
    body = manifest(generateName="lab-")
    first = await api.client.post(LABS, json=body, headers=headers)
    again = await api.client.post(LABS, json=body, headers=headers)
    assert again.json() == first.json()


async def test_an_idempotency_key_used_for_two_names_creates_two_labs(api: Api) -> None:
    headers = {"Idempotency-Key": "careless"}
    for name in ("lab1", "lab2"):
        answer = await api.client.post(LABS, json=manifest(name), headers=headers)
        assert answer.json()["metadata"]["name"] == name


async def test_a_dry_run_answers_the_lab_and_writes_nothing(api: Api) -> None:
    answer = await api.client.post(f"{LABS}?dryRun=All", json=manifest("lab1"))
    assert answer.status_code == 201
    assert answer.json()["metadata"]["name"] == "lab1"
    assert "resourceVersion" not in answer.json()["metadata"]
    assert await api.head() == 0
    await api.create("lab1")
    taken = await api.client.post(f"{LABS}?dryRun=All", json=manifest("lab1"))
    assert taken.json()["reason"] == "AlreadyExists"


async def test_unknown_fields_are_left_out_with_a_warning_unless_told_otherwise(api: Api) -> None:
    body = {**manifest("lab1"), "extra": 1}
    body["spec"]["foo"] = 'a"b'
    strict = await api.client.post(f"{LABS}?fieldValidation=Strict", json=body)
    assert strict.status_code == 400
    assert strict.json()["message"] == (
        'LabInstance in version "v1" cannot be handled as a LabInstance: '
        'strict decoding error: unknown field "extra", unknown field "spec.foo"'
    )
    warned = await api.client.post(f"{LABS}?dryRun=All", json=body)
    assert warned.headers["Warning"] == (
        '299 - "unknown field \\"extra\\"", 299 - "unknown field \\"spec.foo\\""'
    )
    ignored = await api.client.post(f"{LABS}?fieldValidation=Ignore", json=body)
    assert ignored.status_code == 201
    assert "Warning" not in ignored.headers


@pytest.mark.parametrize(
    ("query", "field"), [("dryRun=Some", "dryRun"), ("fieldValidation=Hard", "fieldValidation")]
)
async def test_options_without_such_a_value_are_refused(api: Api, query: str, field: str) -> None:
    answer = await api.client.post(f"{LABS}?{query}", json=manifest("lab1"))
    assert answer.status_code == 422
    assert answer.json()["details"]["causes"][0]["field"] == field


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"metadata": {"name": "x", "namespace": "other"}},
            "the namespace of the provided object does not match the namespace sent on the "
            "request",
        ),
        (
            {"metadata": {"name": "x", "resourceVersion": "1"}},
            "resourceVersion should not be set on objects to be created",
        ),
        (
            {"kind": "Pod", "metadata": {"name": "x"}},
            "the kind in the data does not match the expected kind (LabInstance)",
        ),
        (
            {"apiVersion": "v1", "metadata": {"name": "x"}},
            "the API version in the data does not match the expected API version "
            "(lab.neuroglia.com/v1)",
        ),
    ],
)
async def test_a_body_that_does_not_fit_its_path_is_refused(
    api: Api, change: dict[str, Any], message: str
) -> None:
    answer = await api.client.post(LABS, json=change)
    assert (answer.status_code, answer.json()["message"]) == (400, message)


async def test_every_faulty_field_is_named_at_once_and_the_address_is_not_repeated(
    api: Api,
) -> None:
    body = {
        "metadata": {"name": "No", "labels": {"a": 1}, "finalizers": "x"},
        "spec": {
            "template": 5,
            "duration": "soon",
            "studentEmail": "private address",
            "environment": {"LAB_A": "x", "B": []},
        },
    }
    answer = await api.client.post(LABS, json=body)
    assert answer.status_code == 422
    causes = {each["field"]: each["reason"] for each in answer.json()["details"]["causes"]}
    assert causes == {
        "metadata.labels[a]": "FieldValueTypeInvalid",
        "metadata.finalizers": "FieldValueTypeInvalid",
        "spec.template": "FieldValueTypeInvalid",
        "spec.environment[B]": "FieldValueTypeInvalid",
        "metadata.name": "FieldValueInvalid",
        "spec.duration": "FieldValueInvalid",
        "spec.studentEmail": "FieldValueInvalid",
        "spec.environment": "FieldValueInvalid",
    }
    assert "private address" not in answer.text
    assert await api.head() == 0
