"""Fields that a body says twice: found, told, and at a cost in proportion."""

import json
import time

import pytest

from api.http.json_structure import repeated_fields
from tests.api.arrangement import LABS, Api, manifest

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
APPLY = {"Content-Type": "application/apply-patch+yaml"}
YAML = {"Content-Type": "application/yaml"}

TWICE_JSON = json.dumps(manifest("twice")).replace(
    '"duration"', '"environment": {"A": "1"}, "duration"'
)
TWICE_YAML = """
apiVersion: lab.neuroglia.com/v1
kind: LabInstance
metadata: {name: twice}
spec:
  template: python-basics
  environment: {A: "1"}
  environment: {B: "2"}
"""
BODIES = [
    pytest.param(TWICE_JSON, {"Content-Type": "application/json"}, id="json"),
    pytest.param(
        TWICE_JSON.replace('"twice"', '"t\\u0077ice"'),
        {"Content-Type": "application/json"},
        id="escaped",
    ),
    pytest.param(TWICE_YAML, YAML, id="yaml"),
]


@pytest.mark.parametrize(("body", "headers"), BODIES)
async def test_a_field_said_twice_is_refused_warned_of_or_ignored(
    api: Api, body: str, headers: dict[str, str]
) -> None:
    answers = {
        how: await api.client.post(
            f"{LABS}?dryRun=All&fieldValidation={how}", content=body, headers=headers
        )
        for how in ("Strict", "Warn", "Ignore")
    }
    assert {how: answer.status_code for how, answer in answers.items()} == {
        "Strict": 400,
        "Warn": 201,
        "Ignore": 201,
    }
    assert 'duplicate field "spec.environment"' in answers["Strict"].json()["message"]
    assert 'duplicate field \\"spec.environment\\"' in answers["Warn"].headers["Warning"]
    assert "Warning" not in answers["Ignore"].headers


async def test_a_long_name_costs_no_more_for_the_fields_within_it(api: Api) -> None:
    inner = ",".join(f'"{number}":0' for number in range(30_000))
    body = f'{{"\N{GRINNING FACE}{"x" * 400_000}":{{{inner}}},"spec":{{"a":1,"a":2}}}}'
    begun = time.process_time()
    answer = await api.client.post(f"{LABS}?fieldValidation=Strict", content=body.encode())
    assert time.process_time() - begun < 2
    assert answer.status_code == 400
    assert 'duplicate field "spec.a"' in answer.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        '{{"{0}":[{{"a":1,"a":2}}]}}',
        '{{"spec":{{"{0}":1}}}}',
        '{{"metadata":{{"{0}":1,"{0}":2}}}}',
    ],
    ids=["around", "unknown", "twice"],
)
async def test_a_long_name_is_cut_where_it_is_refused(api: Api, body: str) -> None:
    content = body.format("x" * 400_000).encode()
    answer = await api.client.post(f"{LABS}?fieldValidation=Strict", content=content)
    assert (answer.status_code, " field " in answer.json()["message"]) == (400, True)
    assert len(answer.content) < 4096


def test_the_paths_of_repeated_fields_name_every_step() -> None:
    body = b'[{"a":{"b":[0,{"c":1,"c":[],"c":3}]},"a":0}]'
    assert repeated_fields(body) == ("[0].a.b[1].c", "[0].a.b[1].c", "[0].a")
    assert repeated_fields(b'"no \\" object"') == ()


@pytest.mark.parametrize("headers", [MERGE_PATCH, APPLY])
async def test_patches_that_say_a_field_twice_are_refused_too(
    api: Api, headers: dict[str, str]
) -> None:
    await api.create("lab1")
    body = TWICE_JSON.replace('"twice"', '"lab1"')
    path = f"{LABS}/lab1?fieldManager=me&fieldValidation=Strict"
    answer = await api.client.patch(path, content=body, headers=headers)
    assert (answer.status_code, "duplicate field" in answer.text) == (400, True)


def test_a_text_said_twice_is_no_field_said_twice() -> None:
    assert repeated_fields(b'{"a": "a", "b": ["a", "x", "x"], "c": {"d": "c"}}') == ()
    assert repeated_fields(b'{"a": "a", "b": {"a": 1}, "a"\n:2}') == ("a",)


def test_a_field_said_twice_in_other_letters_is_found() -> None:
    assert repeated_fields(b'{"spec": 1, "\\u0073pec": 2}') == ("spec",)
