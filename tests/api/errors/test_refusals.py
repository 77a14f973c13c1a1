"""Every way of being refused, as a client meets it: the code, the reason and the words. What is
told when stores are away, bodies are too large or tokens missing has tests of its own."""

from typing import Any

import httpx
import pytest

from tests.api.arrangement import BASE, LABS, SEED_SPEC, Api, manifest

R = "labinstances.lab.neuroglia.com"
LAB = f"{LABS}/lab1"
JSON, MERGE = "application/json", "application/merge-patch+json"
PATCH, APPLY = "application/json-patch+json", "application/apply-patch+yaml"
STRATEGIC = "application/strategic-merge-patch+json"
FULFILLED = f'Operation cannot be fulfilled on {R} "lab1": '
MODIFIED = (
    f"{FULFILLED}the object has been modified; please apply your changes to the latest version "
    "and try again"
)
NOWHERE = "the server could not find the requested resource"
UNKNOWN_FORMAT = (
    "the body of the request was in an unknown format - accepted media types include: "
)
DURATION = {"spec": {"duration": "2h"}}
UNKNOWN = {"spec": {**SEED_SPEC, "foo": 1}}
MANAGED = {"metadata": {"name": "lab1", "managedFields": [{}]}}
TEST = [{"op": "test", "path": "/spec/duration", "value": "1h"}]
REMOVE = [{"op": "remove", "path": "/spec/none"}]

BAD_REQUESTS: dict[str, tuple[str, str, str, Any]] = {
    "the body of the request is not valid JSON: Input data was truncated": (
        *("POST", LABS, JSON, b"{"),
    ),
    "unable to parse requirement: found '==', expected: ',' or 'end of string'": (
        *("GET", f"{LABS}?labelSelector=a==b==c", JSON, None),
    ),
    "field label not supported: spec.foo": (
        *("GET", f"{LABS}?fieldSelector=spec.foo=1", JSON, None),
    ),
    'invalid resource version: "x" is not a number from 0 to 2^63-1': (
        *("GET", f"{LABS}?resourceVersion=x", JSON, None),
    ),
    "continue key is not valid": ("GET", f"{LABS}?continue=x", JSON, None),
    "the name of the object does not match the name on the URL (lab1)": (
        *("PUT", LAB, JSON, manifest("lab2")),
    ),
    "the namespace of the object does not match the namespace on the URL (default)": (
        *("PUT", LAB, JSON, manifest("lab1", namespace="other")),
    ),
    "resourceVersion should not be set on objects to be created": (
        *("POST", LABS, JSON, manifest("lab2", resourceVersion="1")),
    ),
    'LabInstance in version "v1" cannot be handled as a LabInstance: strict decoding error: '
    'unknown field "spec.foo"': (
        *("POST", f"{LABS}?fieldValidation=Strict", JSON, {**manifest("lab2"), **UNKNOWN}),
    ),
    "metadata.managedFields must be nil": (
        *("PATCH", f"{LAB}?fieldManager=a", APPLY, {**manifest("lab1"), **MANAGED}),
    ),
    "a JSON patch must be an array of at most 1000 operations": ("PATCH", LAB, PATCH, DURATION),
}
Refusal = tuple[str, str, str, Any, int, str, str]
REFUSALS: list[Refusal] = [
    ("GET", f"{LABS}/none", JSON, None, 404, "NotFound", f'{R} "none" not found'),
    ("GET", "/apis/lab.neuroglia.com/v2/x", JSON, None, 404, "NotFound", NOWHERE),
    ("GET", f"{BASE}/pods", JSON, None, 404, "NotFound", NOWHERE),
    (
        *("PUT", LABS, JSON, {}, 405, "MethodNotAllowed"),
        "the server does not allow this method on the requested resource",
    ),
    (
        *("GET", LAB, "text/html", None, 406, "NotAcceptable"),
        "only the following media types are accepted: application/json",
    ),
    (
        *("POST", LABS, "text/plain", b"x", 415, "UnsupportedMediaType"),
        f"{UNKNOWN_FORMAT}application/json, application/yaml",
    ),
    (
        *("PATCH", LAB, STRATEGIC, {}, 415, "UnsupportedMediaType"),
        f"{UNKNOWN_FORMAT}{PATCH}, {MERGE}, {APPLY}",
    ),
    (
        *("POST", LABS, JSON, manifest("lab1"), 409, "AlreadyExists"),
        f'{R} "lab1" already exists',
    ),
    ("PUT", LAB, JSON, manifest("lab1", resourceVersion="1"), 409, "Conflict", MODIFIED),
    ("PATCH", LAB, MERGE, {"metadata": {"resourceVersion": "1"}}, 409, "Conflict", MODIFIED),
    (
        *("DELETE", LAB, JSON, {"preconditions": {"resourceVersion": "1"}}, 409, "Conflict"),
        MODIFIED,
    ),
    (
        *("DELETE", LAB, JSON, {"preconditions": {"uid": "another"}}, 409, "Conflict"),
        f"{FULFILLED}Precondition failed: UID in precondition: another, UID in object meta: ",
    ),
    (
        *("PATCH", f"{LAB}?fieldManager=a", APPLY, DURATION, 409, "Conflict"),
        'Apply failed with 1 conflict: conflict with "teacher": .spec.duration',
    ),
    (
        *("POST", LABS, JSON, {**manifest("lab2"), "spec": {"duration": "soon"}}, 422, "Invalid"),
        'LabInstance.lab.neuroglia.com "lab2" is invalid: spec.duration: Invalid value: "soon": '
        "must be a duration such as 90s, 60m or 1h30m",
    ),
    (
        *("GET", f"{LABS}?watch=1&sendInitialEvents=true", JSON, None, 422, "Invalid"),
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: '
        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
    ),
    (
        *("PATCH", LAB, APPLY, manifest("lab1"), 422, "Invalid"),
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for '
        "apply patch",
    ),
    (
        *("POST", f"{LABS}?dryRun=Some", JSON, manifest("lab2"), 422, "Invalid"),
        'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: supported values: '
        '"All"',
    ),
    ("PATCH", LAB, PATCH, TEST, 422, "Invalid", "testing path /spec/duration value failed"),
    ("PATCH", LAB, PATCH, REMOVE, 422, "Invalid", "the path /spec/none does not exist"),
    (
        *("GET", f"{LABS}?resourceVersion=999", JSON, None, 504, "Timeout"),
        "Too large resource version: 999, current: 4",
    ),
]


@pytest.mark.parametrize("message", BAD_REQUESTS)
async def test_a_bad_request_is_told_what_is_wrong_with_it(api: Api, message: str) -> None:
    told = await _refused(api, *BAD_REQUESTS[message])
    assert (told["code"], told["reason"], told["message"]) == (400, "BadRequest", message)


@pytest.mark.parametrize("row", REFUSALS)
async def test_a_refusal_has_its_code_its_reason_and_its_words(api: Api, row: Refusal) -> None:
    *request, code, reason, message = row
    told = await _refused(api, *request)
    assert (told["code"], told["reason"]) == (code, reason)
    assert told["message"] == message or (
        message.endswith(": ") and told["message"].startswith(message)
    )


async def test_a_conflict_of_managers_names_who_owns_each_field(api: Api) -> None:
    told = await _refused(api, "PATCH", f"{LAB}?fieldManager=a", APPLY, DURATION)
    (cause,) = told["details"]["causes"]
    assert (cause["reason"], cause["field"]) == ("FieldManagerConflict", ".spec.duration")
    assert cause["message"].startswith('conflict with "teacher" using lab.neuroglia.com/v1 at ')


async def _refused(api: Api, method: str, path: str, kind: str, body: Any) -> Any:
    """What is answered where there is a lab that a manager made and somebody changed."""
    await api.client.post(f"{LABS}?fieldManager=teacher", json=manifest("lab1"))
    labels = {"metadata": {"labels": {"changed": "yes"}}}
    await api.client.patch(LAB, json=labels, headers={"Content-Type": MERGE})
    answer = await _sent(api, method, path, kind, body)
    told = answer.json()
    assert answer.status_code == told["code"]
    assert (told["kind"], told["apiVersion"]) == ("Status", "v1")
    assert (told["status"], told["metadata"]) == ("Failure", {})
    return told


async def _sent(api: Api, method: str, path: str, kind: str, body: Any) -> httpx.Response:
    if body is None:
        return await api.client.request(method, path, headers={"Accept": kind})
    headers = {"Content-Type": kind}
    if isinstance(body, bytes):
        return await api.client.request(method, path, headers=headers, content=body)
    return await api.client.request(method, path, headers=headers, json=body)
