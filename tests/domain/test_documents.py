"""What may be asked of objects, and what it leads to."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.api_object.api_object import ApiObject
from domain.api_object.commands import (
    ApiObjectCommand,
    CompleteRemoval,
    DeclareApiObject,
    RemoveApiObject,
    ReplaceApiObject,
)
from domain.api_object.decide import decide
from domain.api_object.errors import (
    ApiObjectAlreadyExists,
    ApiObjectNotFound,
    ApiObjectRefused,
    InvalidApiObject,
    ProtectedApiObject,
)
from domain.api_object.events import (
    ApiObjectDeclared,
    ApiObjectEvent,
    ApiObjectRemoved,
    ApiObjectReplaced,
    RemovalRequested,
)
from domain.api_object.evolve import evolve
from domain.api_object.key import ApiObjectKey, ApiObjectKind, namespace_key
from domain.api_object.validation import key_faults
from domain.precondition import ANY
from tests.domain.scenario import NOW

LEASE = ApiObjectKey(kind=ApiObjectKind.LEASE, namespace="default", name="leader")
COURSE = namespace_key("course")
NAMED = {"kubernetes.io/metadata.name": "course"}


def declared(key: ApiObjectKey = LEASE, *finalizers: str) -> ApiObjectDeclared:
    labels = NAMED if key == COURSE else {}
    return ApiObjectDeclared(
        key=key,
        uid="uid-1",
        labels=labels,
        annotations={},
        finalizers=finalizers,
        content={"spec": "{}"},
        managers=(),
        at=NOW,
    )


def declare(key: ApiObjectKey = LEASE) -> DeclareApiObject:
    return DeclareApiObject(
        key=key,
        uid="uid-1",
        labels={},
        annotations={},
        finalizers=(),
        content={"spec": "{}"},
        managers=(),
    )


def replace_with(content: str, *finalizers: str, key: ApiObjectKey = LEASE) -> ReplaceApiObject:
    return ReplaceApiObject(
        key=key,
        labels={},
        annotations={},
        finalizers=finalizers,
        content={"spec": content},
        managers=(),
        precondition=ANY,
    )


def remove(key: ApiObjectKey = LEASE) -> RemoveApiObject:
    return RemoveApiObject(key=key, reason="user", precondition=ANY)


def after(*past: ApiObjectEvent) -> ApiObject | None:
    api_object: ApiObject | None = None
    for event in past:
        api_object = evolve(api_object, event)
    return api_object


def facts(past: Sequence[ApiObjectEvent], command: ApiObjectCommand) -> list[ApiObjectEvent]:
    return list(decide(after(*past), command, NOW))


GOING = RemovalRequested(at=NOW)
GONE = ApiObjectRemoved(reason="user", at=NOW)


def test_a_document_is_declared_under_a_name_that_is_free() -> None:
    assert facts([], declare()) == [declared()]
    assert facts([declared(), GONE], declare()) == [declared()]
    with pytest.raises(ApiObjectAlreadyExists):
        facts([declared()], declare())


def test_a_namespace_bears_its_name_as_a_label() -> None:
    assert facts([], declare(COURSE)) == [declared(COURSE)]
    assert facts([declared(COURSE)], replace_with("{}", key=COURSE)) == []


def test_saying_the_same_again_changes_nothing() -> None:
    assert facts([declared()], replace_with("{}")) == []


def test_what_is_replaced_says_what_was_asked_for() -> None:
    [fact] = facts([declared()], replace_with('{"a":1}'))
    assert isinstance(fact, ApiObjectReplaced)
    api_object = after(declared(), replace(fact, at=NOW))
    assert api_object is not None
    assert api_object.content == {"spec": '{"a":1}'}


@pytest.mark.parametrize("command", [replace_with("{}"), remove()])
@pytest.mark.parametrize("past", [[], [declared(), GONE]])
def test_what_is_not_there_cannot_be_changed_or_removed(
    past: list[ApiObjectEvent], command: ApiObjectCommand
) -> None:
    with pytest.raises(ApiObjectNotFound):
        facts(past, command)


def test_a_document_goes_at_once() -> None:
    assert facts([declared()], remove()) == [GONE]


def test_one_with_a_finalizer_goes_with_its_last_finalizer() -> None:
    held = declared(LEASE, "a/b", "c/d")
    assert facts([held], remove()) == [GOING]
    assert facts([held, GOING], remove()) == []
    [fewer] = facts([held, GOING], replace_with("{}", "a/b"))
    assert isinstance(fewer, ApiObjectReplaced)
    *_, last = facts([held, GOING], replace_with("{}"))
    assert last == ApiObjectRemoved(reason="finalized", at=NOW)


def test_what_goes_gets_no_new_finalizers() -> None:
    with pytest.raises(InvalidApiObject, match="no new finalizers"):
        facts([declared(LEASE, "a/b"), GOING], replace_with("{}", "a/b", "c/d"))


def test_a_namespace_waits_until_nothing_is_left_in_it() -> None:
    complete = CompleteRemoval(key=COURSE, uid="uid-1")
    assert facts([declared(COURSE)], remove(COURSE)) == [GOING]
    assert facts([declared(COURSE)], complete) == []
    emptied = ApiObjectRemoved(reason="emptied", at=NOW)
    assert facts([declared(COURSE), GOING], complete) == [emptied]
    assert facts([declared(COURSE), GOING], replace(complete, uid="another")) == []
    assert facts([declared(COURSE), GOING, GONE], complete) == []
    assert facts([declared(COURSE, "a/b"), GOING], complete) == []


def test_the_default_namespace_stays() -> None:
    default = namespace_key("default")
    with pytest.raises(ProtectedApiObject):
        facts([declared(default)], remove(default))


def test_what_has_happened_before_a_declaration_changes_nothing() -> None:
    assert after(GOING, GONE) is None


@pytest.mark.parametrize(
    ("key", "sound"),
    [
        (COURSE, True),
        (namespace_key("a.b"), False),
        (namespace_key(""), False),
        (LEASE, True),
        (replace(LEASE, name="a.b"), True),
        (replace(LEASE, name="A"), False),
        (replace(LEASE, namespace="-"), False),
    ],
)
def test_names_keep_the_rules_of_their_kind(key: ApiObjectKey, *, sound: bool) -> None:
    assert (key_faults(key) == []) is sound


def test_a_refusal_says_what_it_is_about() -> None:
    with pytest.raises(ApiObjectRefused, match="lease default/leader not found"):
        facts([], remove())
