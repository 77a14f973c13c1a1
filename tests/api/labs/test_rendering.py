"""Labs rendered as their schema says, and the differences between two renderings."""

from typing import Any

import msgspec

from api.http.encoding import encode
from api.labs.difference import differences
from api.labs.rendering import document_of
from api.labs.shapes import LabInstanceDocument
from tests.api.arrangement import Api


async def test_a_rendered_lab_is_as_its_schema_says(api: Api) -> None:
    await api.create("lab1", labels={"a": "b"}, finalizers=["x.example/y"])
    await api.make_ready("lab1")
    document = document_of(await api.view("lab1"))
    assert msgspec.json.decode(encode(document), type=LabInstanceDocument) == document


def test_differences_are_told_path_by_path() -> None:
    before: Any = {"a": {"b": 1, "x.y/z": "q"}, "l": [1], "c": [{"type": "R", "s": "0"}]}
    after: Any = {"a": {"b": 2}, "l": [1, 2], "c": [{"type": "R", "s": "1"}, {"type": "N"}]}
    assert {each.path: (each.before, each.after) for each in differences(before, after)} == {
        "a.b": (1, 2),
        'a["x.y/z"]': ("q", None),
        "l": ([1], [1, 2]),
        "c[R].s": ("0", "1"),
        "c[N].type": (None, "N"),
    }


def test_equal_documents_do_not_differ() -> None:
    assert differences({"a": [1]}, {"a": [1]}) == []
    assert differences(None, None) == []
