"""The read side's row for one document, and how an event changes it."""

from dataclasses import dataclass

from domain.api_object.api_object import Document
from domain.api_object.key import DocumentKey


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
