"""The read side's row for one document, and how an event changes it."""

from dataclasses import dataclass
from typing import TypeGuard

from application.ports.event_store import RecordedEvent
from domain.document.document import Document
from domain.document.events import (
    DocumentDeclared,
    DocumentEvent,
    DocumentRemoved,
    DocumentReplaced,
    RemovalRequested,
)
from domain.document.evolve import evolve
from domain.document.key import DocumentKey

_FACTS = (DocumentDeclared, DocumentReplaced, RemovalRequested, DocumentRemoved)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """A document as of `resource_version`: the position of the last event that changed it."""

    document: Document
    resource_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentChange:
    """What one event did to one document.

    `before` and `after` are None where there was, or is, no document. `removed` is the last
    state of one that is gone, at the position of its going.
    """

    position: int
    key: DocumentKey
    before: DocumentView | None
    after: DocumentView | None
    removed: DocumentView | None


def tells_of_a_document(event: object) -> TypeGuard[DocumentEvent]:
    """Whether the event is about a document, and not about a lab."""
    return isinstance(event, _FACTS)


def next_view(view: DocumentView | None, recorded: RecordedEvent) -> DocumentView | None:
    """The view after `recorded`. One that is gone keeps a view that says so."""
    event = recorded.event
    if not tells_of_a_document(event):
        return view
    after = evolve(view.document if view else None, event)
    if after is None:
        return view
    return DocumentView(document=after, resource_version=recorded.position)


def present(view: DocumentView | None) -> DocumentView | None:
    """The view, if there is a document now."""
    return None if view is None or view.document.removed else view


def change_of(view: DocumentView | None, recorded: RecordedEvent) -> DocumentChange | None:
    """The change that `recorded` makes to the document; None when it makes none."""
    now = next_view(view, recorded)
    if now is None or now is view:
        return None
    gone = now.document.removed
    return DocumentChange(
        position=recorded.position,
        key=now.document.key,
        before=present(view),
        after=None if gone else now,
        removed=now if gone else None,
    )
