"""Differences between documents are JSON patches that lead from one to the other."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.audit.difference import differences
from api.http.json_patch import patched

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab/~", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab/~.", max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)
_DOCUMENTS = st.dictionaries(st.text("ab/~.", max_size=2), _VALUES, max_size=4)


@given(_DOCUMENTS, _DOCUMENTS)
def test_the_differences_lead_from_one_document_to_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert patched(before, [dict(each) for each in differences(before, after)]) == after


def test_each_difference_tells_what_was_there_before() -> None:
    before: Any = {"a": {"b": 1, "x/z": "q"}, "l": [1], "c": [{"type": "R", "s": "0"}]}
    after: Any = {"a": {"b": 2}, "l": [1, 2], "c": [{"type": "R", "s": "1"}], "n": True}
    assert differences(before, after) == [
        {"op": "replace", "path": "/a/b", "value": 2, "before": 1},
        {"op": "remove", "path": "/a/x~1z", "before": "q"},
        {"op": "replace", "path": "/l", "value": [1, 2], "before": [1]},
        {"op": "replace", "path": "/c/0/s", "value": "1", "before": "0"},
        {"op": "add", "path": "/n", "value": True},
    ]


def test_a_new_document_is_added_as_a_whole() -> None:
    assert differences(None, {"a": 1}) == [{"op": "add", "path": "", "value": {"a": 1}}]


def test_equal_documents_do_not_differ() -> None:
    assert differences({"a": [1]}, {"a": [1]}) == []
    assert differences(None, None) == []


def test_the_resource_version_is_no_difference() -> None:
    old, new = ({"metadata": {"resourceVersion": version}} for version in "12")
    assert differences(old, new) == []
