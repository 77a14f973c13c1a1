"""What is found out about JSON before it is decoded."""

import json

import pytest

from api.http.json_structure import MOST_VALUES, has_too_many_values

NUMBERS = b"[" + b"1," * (MOST_VALUES - 1) + b"1]"


@pytest.mark.parametrize("text", [",", '",', '\\",', "\\", "\\\\"], ids=repr)
def test_commas_in_a_text_are_no_values(text: str) -> None:
    body = json.dumps({"a": "," * MOST_VALUES + text, "b": text, "c": text * MOST_VALUES})
    assert not has_too_many_values(body.encode())


def test_values_are_counted_to_the_last() -> None:
    assert not has_too_many_values(NUMBERS)
    assert has_too_many_values(b"[1," + NUMBERS[1:])


@pytest.mark.parametrize("text", ["a", "\\", '\\"'], ids=repr)
def test_texts_are_counted_as_values(text: str) -> None:
    assert has_too_many_values(json.dumps([text] * (MOST_VALUES + 1)).encode())
    assert not has_too_many_values(json.dumps([text] * MOST_VALUES).encode())
