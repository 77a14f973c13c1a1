"""The rules that single fields keep."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import FaultReason
from domain.lab_instance.duration import InvalidDuration, parse_duration
from domain.lab_instance.validation import (
    MAX_ANNOTATIONS_BYTES,
    MAX_ENTRIES,
    MAX_ENVIRONMENT_BYTES,
    annotation_faults,
    email_faults,
    environment_faults,
    finalizer_faults,
    label_faults,
    name_faults,
    namespace_faults,
)


@pytest.mark.parametrize("name", ["a", "lab-1", "a.b.c", "0", "x" * 253])
def test_subdomains_are_names(name: str) -> None:
    assert name_faults("metadata.name", name) == []


@pytest.mark.parametrize(
    "name", ["", "A", "-a", "a-", "a..b", ".a", "a_b", "a/b", "ä", "a\x00", "a\n", "x" * 254]
)
def test_anything_else_is_no_name(name: str) -> None:
    (fault,) = name_faults("metadata.name", name)
    assert (fault.field, fault.reason) == ("metadata.name", FaultReason.INVALID)


def test_a_namespace_has_no_dots_and_at_most_63_characters() -> None:
    assert namespace_faults("metadata.namespace", "x" * 63) == []
    assert len(namespace_faults("metadata.namespace", "a.b")) == 1
    assert len(namespace_faults("metadata.namespace", "x" * 64)) == 1


def test_labels_with_and_without_a_prefix_are_sound() -> None:
    labels = {"course": "python", "example.com/Tier_1": "A.b-C", "empty": ""}
    assert label_faults("metadata.labels", labels) == []


@pytest.mark.parametrize(
    "key", ["", "/x", "Up.Case/x", "a b", "-x", "x" * 64, "a/b/c", f"{'x' * 254}/a"]
)
def test_a_bad_label_key_is_named(key: str) -> None:
    assert label_faults("metadata.labels", {key: "v"})


@pytest.mark.parametrize("value", ["a b", "-a", "a-", "x" * 64, "a@b", "ä", "a\n"])
def test_a_bad_label_value_is_named(value: str) -> None:
    (fault,) = label_faults("metadata.labels", {"key": value})
    assert fault.field == "metadata.labels"


def test_every_faulty_label_is_named() -> None:
    assert len(label_faults("metadata.labels", {"a b": "c d", "e f": "ok"})) == 3


def test_annotations_may_hold_any_text_within_256_kib() -> None:
    fits = {"a": "x" * (MAX_ANNOTATIONS_BYTES - 1)}
    assert annotation_faults("metadata.annotations", fits) == []
    (fault,) = annotation_faults("metadata.annotations", {**fits, "b": ""})
    assert fault.reason is FaultReason.TOO_LONG


def test_bytes_are_counted_and_not_characters() -> None:
    assert annotation_faults("metadata.annotations", {"a": "ä" * (MAX_ANNOTATIONS_BYTES // 2)})


def test_annotation_keys_may_have_capitals_in_their_prefix() -> None:
    assert annotation_faults("metadata.annotations", {"Example.com/Key": "v"}) == []
    assert annotation_faults("metadata.annotations", {"a b": "v"})


@pytest.mark.parametrize("faults", [annotation_faults, environment_faults])
def test_the_nul_character_is_refused(faults: object) -> None:
    assert callable(faults)
    (fault,) = faults("where", {"NAME": "a\x00b"})
    assert fault.field == "where[NAME]"


def test_finalizers_are_qualified_names_and_none_comes_twice() -> None:
    assert finalizer_faults("metadata.finalizers", ["example.com/keep", "other"]) == []
    faults = finalizer_faults("metadata.finalizers", ["a", "b c", "a"])
    assert [fault.field for fault in faults] == [
        "metadata.finalizers[1]",
        "metadata.finalizers[2]",
    ]


@pytest.mark.parametrize("name", ["", "1A", "a-b", "a b", "a=b", "LAB_X", "lab_x", "ä", "A\n"])
def test_a_bad_name_of_a_variable_is_named(name: str) -> None:
    assert environment_faults("spec.environment", {name: "v"})


def test_the_environment_is_bounded() -> None:
    assert environment_faults("spec.environment", {"A": "x" * (MAX_ENVIRONMENT_BYTES - 1)}) == []
    assert environment_faults("spec.environment", {"A": "x" * MAX_ENVIRONMENT_BYTES})


def test_too_many_entries_are_one_fault_however_many_there_are() -> None:
    many = {f"A{index}": "a b" for index in range(MAX_ENTRIES + 1)}
    for faults in (
        label_faults("f", many),
        annotation_faults("f", many),
        environment_faults("f", many),
        finalizer_faults("f", list(many)),
    ):
        assert [fault.reason for fault in faults] == [FaultReason.TOO_LONG]


@pytest.mark.parametrize("address", ["student@example.com", "a.b+c@school.example"])
def test_addresses_are_addresses(address: str) -> None:
    assert email_faults("spec.studentEmail", address) == []


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@", "@b", "a@b@c", "a b@c", "a@b\n", "<a@b>", "x" * 251 + "@b.c"]
)
def test_an_invalid_address_is_refused_without_being_repeated(address: str) -> None:
    (fault,) = email_faults("spec.studentEmail", address)
    assert not address or address not in fault.message


@given(st.text())
def test_no_text_breaks_the_rules_and_no_fault_holds_unprintable_text(text: str) -> None:
    faults = [
        *name_faults("f", text),
        *namespace_faults("f", text),
        *label_faults("f", {text: text}),
        *annotation_faults("f", {text: "v"}),
        *finalizer_faults("f", [text]),
        *environment_faults("f", {text: "v"}),
    ]
    assert all(fault.message.isprintable() for fault in faults)


@pytest.mark.parametrize("text", ["\u0663h", "1\u00b2m", "\uff11h", "1_0m", "+1h", "1h\n"])
def test_a_duration_has_plain_digits_only(text: str) -> None:
    with pytest.raises(InvalidDuration):
        parse_duration(text)
