"""A LabInstance read in one step is the one that is read field by field."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.refusals import BadRequest
from api.labs.given import decode_resource, read_resource
from tests.api.arrangement import manifest

TEXTS = st.one_of(st.text(max_size=5), st.sampled_from(["", "a", "default"]))
WRONG = st.one_of(st.none(), st.booleans(), st.integers(), st.lists(st.integers(), max_size=2))
BY_NAME = st.dictionaries(TEXTS, st.one_of(TEXTS, TEXTS, WRONG), max_size=2)
METADATA = st.fixed_dictionaries(
    {},
    optional={
        "name": st.one_of(TEXTS, WRONG),
        "generateName": TEXTS,
        "namespace": TEXTS,
        "uid": st.one_of(TEXTS, WRONG),
        "resourceVersion": st.one_of(TEXTS, WRONG),
        "labels": st.one_of(BY_NAME, WRONG),
        "annotations": BY_NAME,
        "finalizers": st.one_of(st.lists(st.one_of(TEXTS, WRONG), max_size=2), WRONG),
        "generation": WRONG,
        "colour": TEXTS,
    },
)
SPEC = st.fixed_dictionaries(
    {},
    optional={
        "template": st.one_of(TEXTS, WRONG),
        "duration": st.one_of(TEXTS, WRONG),
        "studentEmail": TEXTS,
        "environment": st.one_of(BY_NAME, WRONG),
        "size": TEXTS,
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "apiVersion": st.sampled_from(["lab.neuroglia.com/v1", "", None]),
        "kind": st.sampled_from(["LabInstance", "", None]),
        "metadata": st.one_of(METADATA, METADATA, WRONG),
        "spec": st.one_of(SPEC, SPEC, WRONG),
        "status": WRONG,
        "extra": WRONG,
    },
)


@given(DOCUMENTS)
def test_reading_in_one_step_and_field_by_field_agree(document: dict[str, Any]) -> None:
    assert decode_resource(msgspec.json.encode(document)) == read_resource(document)


def test_a_usual_manifest_is_read_in_one_step() -> None:
    read = decode_resource(msgspec.json.encode(manifest("ann", labels={"course": "py"})))
    assert (read.metadata.name, read.metadata.labels) == ("ann", {"course": "py"})
    assert (read.faults, read.unknown) == ((), ())


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"1", b'"LabInstance"', b"{", b"\xff"])
def test_a_body_that_is_no_resource_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_resource(body)
