"""Laws of documents, for any history of wishes."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

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
from domain.api_object.errors import DocumentRefused
from domain.api_object.evolve import evolve
from domain.api_object.key import DocumentKey, DocumentKind, namespace_key
from tests.domain.scenario import NOW

_KEYS = st.sampled_from(
    [
        namespace_key("course"),
        DocumentKey(kind=DocumentKind.LEASE, namespace="course", name="leader"),
    ]
)
_FINALIZERS = st.sampled_from([(), ("a/b",), ("a/b", "c/d")])
_LABELS = st.sampled_from([{}, {"term": "spring"}])


@st.composite
def _commands(draw: st.DrawFn, key: DocumentKey) -> DocumentCommand:
    labels, finalizers = draw(_LABELS), draw(_FINALIZERS)
    kind = draw(st.sampled_from(["declare", "replace", "remove", "complete"]))
    match kind:
        case "declare":
            return DeclareDocument(
                document=key,
                uid=draw(st.sampled_from(["1", "2"])),
                labels=labels,
                annotations={},
                finalizers=finalizers,
                content={},
                managers=(),
            )
        case "replace":
            return ReplaceDocument(
                document=key,
                labels=labels,
                annotations={},
                finalizers=finalizers,
                content={},
                managers=(),
                precondition=ANY_DOCUMENT,
            )
        case "remove":
            return RemoveDocument(document=key, reason="user", precondition=ANY_DOCUMENT)
        case _:
            return CompleteRemoval(document=key, uid="1")


_SCRIPTS = _KEYS.flatmap(lambda key: st.lists(_commands(key), max_size=12))


def _carried_out(document: Document | None, command: DocumentCommand) -> Document | None:
    try:
        facts = decide(document, command, NOW)
    except DocumentRefused:
        return document
    for fact in facts:
        document = evolve(document, fact)
    return document


@given(_SCRIPTS)
def test_a_repeated_wish_leads_to_nothing_new(script: list[DocumentCommand]) -> None:
    document: Document | None = None
    for command in script:
        document = _carried_out(document, command)
        if isinstance(command, DeclareDocument):
            continue  # a name that is taken is refused, to the one who took it as well
        assert _carried_out(document, command) == document


@given(_SCRIPTS)
def test_whatever_goes_is_gone_once_nothing_holds_it(script: list[DocumentCommand]) -> None:
    document: Document | None = None
    for command in script:
        document = _carried_out(document, command)
    if document is None or document.removed:
        return
    key = document.key
    release = ReplaceDocument(
        document=key,
        labels={},
        annotations={},
        finalizers=(),
        content={},
        managers=(),
        precondition=ANY_DOCUMENT,
    )
    remove = RemoveDocument(document=key, reason="user", precondition=ANY_DOCUMENT)
    for command in (remove, release, CompleteRemoval(document=key, uid=document.uid)):
        document = _carried_out(document, command)
    assert document is not None
    assert document.removed
    assert document.changed_at - NOW < timedelta(seconds=1)
