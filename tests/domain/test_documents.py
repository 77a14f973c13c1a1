"""What may be asked of documents, and what it leads to."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.api_object.api_object import Document
from domain.api_object.commands import (
    ANY_DOCUMENT,
    CompleteRemoval,
    DeclareDocument,
    DocumentCommand,
    RemoveDocument,
    ReplaceDocument,
)
from domain.api_object.decide import decide
from domain.api_object.errors import (
    DocumentAlreadyExists,
    DocumentNotFound,
    DocumentRefused,
    InvalidDocument,
    ProtectedDocument,
)
from domain.api_object.events import (
    DocumentDeclared,
    DocumentEvent,
    DocumentRemoved,
    DocumentReplaced,
    RemovalRequested,
)
from domain.api_object.evolve import evolve
from domain.api_object.key import DocumentKey, DocumentKind, namespace_key
from domain.api_object.validation import key_faults
from tests.domain.scenario import NOW

LEASE = DocumentKey(kind=DocumentKind.LEASE, namespace="default", name="leader")
COURSE = namespace_key("course")
NAMED = {"kubernetes.io/metadata.name": "course"}


def declared(key: DocumentKey = LEASE, *finalizers: str) -> DocumentDeclared:
    labels = NAMED if key == COURSE else {}
    return DocumentDeclared(
        document=key,
        uid="uid-1",
        labels=labels,
        annotations={},
        finalizers=finalizers,
        content={"spec": "{}"},
        managers=(),
        at=NOW,
    )


def declare(key: DocumentKey = LEASE) -> DeclareDocument:
    return DeclareDocument(
        document=key,
        uid="uid-1",
        labels={},
        annotations={},
        finalizers=(),
        content={"spec": "{}"},
        managers=(),
    )


def replace_with(content: str, *finalizers: str, key: DocumentKey = LEASE) -> ReplaceDocument:
    return ReplaceDocument(
        document=key,
        labels={},
        annotations={},
        finalizers=finalizers,
        content={"spec": content},
        managers=(),
        precondition=ANY_DOCUMENT,
    )


def remove(key: DocumentKey = LEASE) -> RemoveDocument:
    return RemoveDocument(document=key, reason="user", precondition=ANY_DOCUMENT)


def after(*past: DocumentEvent) -> Document | None:
    document: Document | None = None
    for event in past:
        document = evolve(document, event)
    return document


def facts(past: Sequence[DocumentEvent], command: DocumentCommand) -> list[DocumentEvent]:
    return list(decide(after(*past), command, NOW))


GOING = RemovalRequested(at=NOW)
GONE = DocumentRemoved(reason="user", at=NOW)


def test_a_document_is_declared_under_a_name_that_is_free() -> None:
    assert facts([], declare()) == [declared()]
    assert facts([declared(), GONE], declare()) == [declared()]
    with pytest.raises(DocumentAlreadyExists):
        facts([declared()], declare())


def test_a_namespace_bears_its_name_as_a_label() -> None:
    assert facts([], declare(COURSE)) == [declared(COURSE)]
    assert facts([declared(COURSE)], replace_with("{}", key=COURSE)) == []


def test_saying_the_same_again_changes_nothing() -> None:
    assert facts([declared()], replace_with("{}")) == []


def test_what_is_replaced_says_what_was_asked_for() -> None:
    [fact] = facts([declared()], replace_with('{"a":1}'))
    assert isinstance(fact, DocumentReplaced)
    document = after(declared(), replace(fact, at=NOW))
    assert document is not None
    assert document.content == {"spec": '{"a":1}'}


@pytest.mark.parametrize("command", [replace_with("{}"), remove()])
@pytest.mark.parametrize("past", [[], [declared(), GONE]])
def test_what_is_not_there_cannot_be_changed_or_removed(
    past: list[DocumentEvent], command: DocumentCommand
) -> None:
    with pytest.raises(DocumentNotFound):
        facts(past, command)


def test_a_document_goes_at_once() -> None:
    assert facts([declared()], remove()) == [GONE]


def test_one_with_a_finalizer_goes_with_its_last_finalizer() -> None:
    held = declared(LEASE, "a/b", "c/d")
    assert facts([held], remove()) == [GOING]
    assert facts([held, GOING], remove()) == []
    [fewer] = facts([held, GOING], replace_with("{}", "a/b"))
    assert isinstance(fewer, DocumentReplaced)
    *_, last = facts([held, GOING], replace_with("{}"))
    assert last == DocumentRemoved(reason="finalized", at=NOW)


def test_what_goes_gets_no_new_finalizers() -> None:
    with pytest.raises(InvalidDocument, match="no new finalizers"):
        facts([declared(LEASE, "a/b"), GOING], replace_with("{}", "a/b", "c/d"))


def test_a_namespace_waits_until_nothing_is_left_in_it() -> None:
    complete = CompleteRemoval(document=COURSE, uid="uid-1")
    assert facts([declared(COURSE)], remove(COURSE)) == [GOING]
    assert facts([declared(COURSE)], complete) == []
    emptied = DocumentRemoved(reason="emptied", at=NOW)
    assert facts([declared(COURSE), GOING], complete) == [emptied]
    assert facts([declared(COURSE), GOING], replace(complete, uid="another")) == []
    assert facts([declared(COURSE), GOING, GONE], complete) == []
    assert facts([declared(COURSE, "a/b"), GOING], complete) == []


def test_the_default_namespace_stays() -> None:
    default = namespace_key("default")
    with pytest.raises(ProtectedDocument):
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
def test_names_keep_the_rules_of_their_kind(key: DocumentKey, *, sound: bool) -> None:
    assert (key_faults(key) == []) is sound


def test_a_refusal_says_what_it_is_about() -> None:
    with pytest.raises(DocumentRefused, match="lease default/leader not found"):
        facts([], remove())
