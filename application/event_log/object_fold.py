"""Folds events into the views of API objects."""

from typing import TypeGuard

from application.ports.event_store import RecordedEvent
from application.ports.object_views import DocumentChange, DocumentView
from domain.api_object.events import (
    DocumentDeclared,
    DocumentEvent,
    DocumentRemoved,
    DocumentReplaced,
    RemovalRequested,
)
from domain.api_object.evolve import evolve

_FACTS = (DocumentDeclared, DocumentReplaced, RemovalRequested, DocumentRemoved)


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
