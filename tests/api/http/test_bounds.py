"""What a request may cost and grow to, whatever it says."""

import json
import time
from typing import Any

import httpx
import pytest

from api.http.json_patch import patched as applied
from tests.api.arrangement import LABS, Api, manifest

JSON_PATCH = {"Content-Type": "application/json-patch+json"}
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
APPLY = {"Content-Type": "application/apply-patch+yaml"}
YAML = {"Content-Type": "application/yaml"}
NOTES = "/metadata/annotations"


def doubling(times: int) -> list[dict[str, Any]]:
    seed = {"op": "add", "path": NOTES, "value": {"first": "x"}}
    copies = [{"op": "copy", "from": NOTES, "path": f"{NOTES}/again{n}"} for n in range(times)]
    return [seed, *copies]


async def patched(api: Api, operations: Any) -> httpx.Response:
    return await api.client.patch(f"{LABS}/lab1", json=operations, headers=JSON_PATCH)


@pytest.mark.parametrize("times", [16, 30, 999])
async def test_a_patch_that_doubles_is_ended_before_it_is_large(api: Api, times: int) -> None:
    await api.create("lab1")
    begun = time.process_time()
    answer = await patched(api, doubling(times))
    assert time.process_time() - begun < 5
    assert answer.status_code == 422
    assert "the patch leads to more than" in answer.json()["message"]


async def test_a_patch_that_moves_much_again_and_again_is_ended(api: Api) -> None:
    await api.create("lab1")
    large = {"op": "add", "path": "/x", "value": ["x" * 10] * 20_000}
    moves = [
        {"op": "move", "from": f"/{here}", "path": f"/{there}"}
        for here, there in [("x", "y"), ("y", "x")] * 400
    ]
    answer = await patched(api, [large, *moves])
    assert (answer.status_code, "moves too much" in answer.text) == (422, True)


async def test_a_patch_that_leads_too_deep_is_ended(api: Api) -> None:
    await api.create("lab1")
    level: dict[str, Any] = {}
    for _ in range(40):
        level = {"a": level}
    path = "/x" + "/a" * 40
    operations = [{"op": "add", "path": "/x", "value": level}]
    operations.append({"op": "add", "path": path, "value": level})
    answer = await patched(api, operations)
    assert (answer.status_code, "more than 64 levels" in answer.text) == (422, True)


@pytest.mark.parametrize("odd", [{"op": ["x"]}, {"op": {}}, {"op": None}, ["add"], "add", 7])
async def test_an_operation_that_is_none_is_a_bad_request(api: Api, odd: Any) -> None:
    await api.create("lab1")
    assert (await patched(api, [odd])).status_code == 400


def test_a_patch_is_the_same_at_each_attempt() -> None:
    operations = [
        {"op": "add", "path": "/list", "value": []},
        {"op": "add", "path": "/list/-", "value": 1},
    ]
    assert applied({}, operations) == applied({}, operations) == {"list": [1]}


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


@pytest.mark.parametrize("headers", [MERGE_PATCH, APPLY])
@pytest.mark.parametrize("levels", [65, 500, 900, 20_000])
async def test_deep_bodies_are_bad_requests(
    api: Api, headers: dict[str, str], levels: int
) -> None:
    await api.create("lab1")
    body = f'{{"spec":{nested(levels)}}}'
    path = f"{LABS}/lab1?fieldManager=me"
    assert (await api.client.patch(path, content=body, headers=headers)).status_code == 400


@pytest.mark.parametrize("values", ["1," * 100_000 + "1", '"",' * 100_000 + '""'])
async def test_a_body_of_too_many_values_is_a_bad_request(api: Api, values: str) -> None:
    answer = await api.client.post(LABS, content=f'{{"metadata":{{"name":"a"}},"x":[{values}]}}')
    assert answer.status_code == 400
    assert "more than 100000 values" in answer.json()["message"]


async def test_impersonation_is_refused_aloud(api: Api) -> None:
    await api.create("lab1")
    for name in ("User", "Group", "Uid", "Extra-scopes"):
        headers = {f"Impersonate-{name}": "student1"}
        answer = await api.client.delete(f"{LABS}/lab1", headers=headers)
        assert (answer.status_code, answer.json()["reason"]) == (403, "Forbidden")
        assert f"impersonate-{name.lower()}" in answer.json()["message"]
    assert (await api.client.get(f"{LABS}/lab1")).json()["status"]["state"] == "pending"


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("If-Match", '"7"', 400),
        ("If-None-Match", "*", 400),
        ("X-HTTP-Method-Override", "GET", 400),
        ("Content-Range", "bytes 0-1/2", 400),
        ("Content-Encoding", "gzip", 415),
    ],
)
async def test_a_header_that_would_change_the_meaning_is_refused(
    api: Api, header: str, value: str, code: int
) -> None:
    answer = await api.client.post(LABS, json=manifest("lab1"), headers={header: value})
    assert answer.status_code == code
    assert (await api.client.get(f"{LABS}/lab1")).status_code == 404


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/version", "/healthz", "/livez/"])
async def test_monitors_may_ask_with_head(api: Api, path: str) -> None:
    answer = await api.client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


async def test_managers_are_bounded_and_each_apply_costs_the_same(api: Api) -> None:
    await api.create("lab1")
    sizes, codes = [], []
    for number in range(40):
        names = {f"example.com/{'n' * 40}-{number}-{each}": "1" for each in range(250)}
        body = {**manifest("lab1"), "metadata": {"name": "lab1", "annotations": names}}
        wanted = f"{LABS}/lab1?fieldManager=m{number}&force=true"
        answer = await api.client.patch(wanted, content=json.dumps(body), headers=APPLY)
        codes.append(answer.status_code)
        if answer.status_code != 200:
            break
        sizes.append(len(answer.content))
    assert codes[-1] in (413, 422), "there is an end"
    assert max(sizes) < 2 * 1024 * 1024


async def test_only_ten_who_update_are_told_apart(api: Api) -> None:
    await api.create("lab1")
    for number in range(14):
        note = {"metadata": {"annotations": {f"note-{number}": "x"}}}
        path = f"{LABS}/lab1?fieldManager=m{number}"
        assert (await api.client.patch(path, json=note, headers=MERGE_PATCH)).status_code == 200
    lab = (await api.client.get(f"{LABS}/lab1")).json()
    managers = {each["manager"]: each["fieldsV1"] for each in lab["metadata"]["managedFields"]}
    assert len(managers) == 10
    assert "f:note-0" in json.dumps(managers["ancient-changes"])
    assert "f:note-13" in json.dumps(managers["m13"])
