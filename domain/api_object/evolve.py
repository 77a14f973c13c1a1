"""What a document is after an event. Never refuses: what has happened has happened."""

from dataclasses import replace
from typing import assert_never

from domain.api_object.api_object import Document
from domain.api_object.events import (
    DocumentDeclared,
    DocumentEvent,
    DocumentRemoved,
    DocumentReplaced,
    RemovalRequested,
)


def evolve(document: Document | None, event: DocumentEvent) -> Document | None:
    """The document after `event`; None stays None until one is declared."""
    if isinstance(event, DocumentDeclared):
        return _declared(event)
    if document is None:
        return None
    match event:
        case DocumentReplaced():
            return replace(
                document,
                labels=event.labels,
                annotations=event.annotations,
                finalizers=event.finalizers,
                content=event.content,
                managers=event.managers,
                changed_at=event.at,
            )
        case RemovalRequested():
            return replace(document, removal_requested_at=event.at, changed_at=event.at)
        case DocumentRemoved():
            return replace(document, removed=True, changed_at=event.at)
        case _:
            assert_never(event)


def _declared(event: DocumentDeclared) -> Document:
    return Document(
        key=event.document,
        uid=event.uid,
        labels=event.labels,
        annotations=event.annotations,
        finalizers=event.finalizers,
        content=event.content,
        managers=event.managers,
        declared_at=event.at,
        changed_at=event.at,
        removal_requested_at=None,
        removed=False,
    )
