"""Bodies in YAML that are traps: refused soon, for what they are."""

import time

import pytest

from api.http.refusals import BadRequest
from api.http.yaml_body import json_of_yaml
from tests.api.arrangement import LABS, Api

YAML = {"Content-Type": "application/yaml"}


@pytest.mark.parametrize(
    "body",
    [
        "metadata: &a {name: x}\nspec: *a",
        "metadata: {<<: {name: x}}",
        f"metadata: {{generation: {'1:' * 60_000}1}}",
        "a: [" + "x," * 60_000 + "]",
        "[" * 200,
        "? [a]\n: b",
        "--- {}\n--- {}",
        "spec: !!int ''",
        "spec: !!bool maybe",
        "spec: !!timestamp soon",
    ],
    ids=["alias", "merge", "sixties", "many", "deep", "key", "two", "int", "bool", "time"],
)
async def test_yaml_that_is_a_trap_is_a_bad_request_soon(api: Api, body: str) -> None:
    begun = time.process_time()
    answer = await api.client.post(LABS, content=body, headers=YAML)
    assert answer.status_code == 400
    assert time.process_time() - begun < 5


YAML_TRAPS = {
    "aliases are not accepted": "metadata: &a {name: x}\nspec: *a",
    "merge keys are not accepted": "metadata: {<<: {name: x}}",
    "that JSON cannot express": f"metadata: {{generation: {'1:' * 60_000}1}}",
    "at most 20000 keys and values": "a: [" + "x," * 20_000 + "]",
    "at most 262144 bytes": "a: " + "x" * 262_144,
    "nested too deeply": "[" * 65 + "]" * 65,
    "several YAML documents": "--- {}\n--- {}",
}


def test_numbers_in_sixties_cost_no_more_than_other_texts() -> None:
    begun = time.process_time()
    with pytest.raises(BadRequest):
        json_of_yaml(b"a: " + b"1:" * 120_000 + b"1")
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("refusal", YAML_TRAPS)
def test_yaml_that_is_a_trap_is_refused_for_what_it_is(refusal: str) -> None:
    with pytest.raises(BadRequest, match=refusal):
        json_of_yaml(YAML_TRAPS[refusal].encode())
