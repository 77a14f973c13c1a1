"""Fields of one object, as sets: no more of them than any object that is accepted can have."""

import pytest

from api.http.refusals import BadRequest
from api.kubernetes.field_sets import fields_from, fields_in, fields_text
from domain.lab_instance.validation import MAX_ENTRIES
from tests.api.arrangement import LABS, Api, manifest

_MANY = {str(number): "" for number in range(2_001)}
_APPLY = {"Content-Type": "application/apply-patch+yaml"}


def test_the_largest_object_that_is_accepted_can_be_managed() -> None:
    maps = ("labels", "annotations", "environment", "finalizers")
    largest = {name: {str(number): "" for number in range(MAX_ENTRIES)} for name in maps}
    fields = fields_in(largest)
    assert len(fields) == len(maps) * MAX_ENTRIES
    assert fields_from(fields_text(fields)) == fields


def test_more_fields_are_refused_before_they_are_compared() -> None:
    with pytest.raises(BadRequest, match="more than 2000 fields"):
        fields_in({"annotations": _MANY})


async def test_an_apply_of_too_many_fields_is_a_bad_request(api: Api) -> None:
    await api.create("lab1")
    body = {**manifest("lab1"), "metadata": {"name": "lab1", "annotations": _MANY}}
    answer = await api.client.patch(f"{LABS}/lab1?fieldManager=me", json=body, headers=_APPLY)
    assert (answer.status_code, "more than 2000 fields" in answer.text) == (400, True)
