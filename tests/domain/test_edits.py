"""An edit says how one thing becomes another, and not what stays."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from domain.lab_instance.edit_facts import OwnershipEdited
from domain.lab_instance.edits import (
    edit_of_managers,
    edit_of_text,
    edit_of_texts,
    edited_managers,
    edited_text,
    edited_texts,
)
from domain.lab_instance.field_manager import FieldManager
from domain.lab_instance.recording import ownership_fact

AT = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = st.text(st.sampled_from("ab"), max_size=12)
TEXTS = st.dictionaries(TEXT, TEXT, max_size=4)
MANAGERS = st.dictionaries(TEXT, TEXT, max_size=4).map(
    lambda named: tuple(manager(name, fields) for name, fields in sorted(named.items()))
)


def manager(name: str, fields: str) -> FieldManager:
    return FieldManager(manager=name, operation="Apply", subresource="", fields=fields, at=AT)


@given(TEXT, TEXT)
def test_a_text_becomes_what_its_edit_says(before: str, after: str) -> None:
    assert edited_text(before, edit_of_text(before, after)) == after


@given(TEXTS, TEXTS)
def test_texts_become_what_their_edit_says(before: dict[str, str], after: dict[str, str]) -> None:
    assert edited_texts(before, edit_of_texts(before, after)) == after


@given(MANAGERS, MANAGERS)
def test_managers_become_what_their_edit_says(
    before: tuple[FieldManager, ...], after: tuple[FieldManager, ...]
) -> None:
    assert edited_managers(before, edit_of_managers(before, after)) == after


def test_an_edit_of_texts_says_only_what_is_new() -> None:
    before = {f"name-{number}": "x" for number in range(1000)}
    edit = edit_of_texts(before, {**before, "name-7": "y", "new": "z"})
    assert (edit.said, edit.unsaid) == ({"name-7": "y", "new": "z"}, ())


def test_an_edit_of_one_field_of_many_is_recorded_as_one_field() -> None:
    many = ",".join(f'"f:field-{number:05}":{{}}' for number in range(5000))
    before = (manager("a", f"{{{many}}}"), manager("b", f"{{{many}}}"))
    after = (manager("a", f'{{{many},"f:new":{{}}}}'), before[1])
    fact = ownership_fact(before, after, AT)
    assert isinstance(fact, OwnershipEdited)
    [edit] = fact.managers.edited
    assert edit.fields.between == ',"f:new":{}'


def test_managers_in_an_order_of_their_own_are_recorded_as_they_are() -> None:
    many = "x" * 5000
    after = (manager("b", many), manager("a", many))
    assert ownership_fact((), after, AT).managers == after
