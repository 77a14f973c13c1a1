"""The present documents, for queries, and how the projector writes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from application.ports.object_views import DocumentChange, DocumentView
from domain.api_object.key import DocumentKey, DocumentKind


class Documents(Protocol):
    """The present documents, one view each; those that are gone have none.

    They share the checkpoint of the read model: whoever writes both writes these first, so
    that they are never behind it. Every method raises ReadModelUnavailable when the store
    cannot be used.
    """

    async def get(self, key: DocumentKey) -> DocumentView | None:
        """The document of that name, or None."""

    async def find(self, kind: DocumentKind, *, namespace: str | None) -> Sequence[DocumentView]:
        """All documents of the kind, by namespace and name; of one namespace, if one is said."""

    async def unchanged_since(
        self, kind: DocumentKind, at: datetime, *, limit: int
    ) -> Sequence[DocumentView]:
        """Documents of the kind whose last change is at or before `at`, the oldest first."""

    async def apply(self, changes: Sequence[DocumentChange]) -> None:
        """Write the changes in order, all or nothing. One that is not newer than what it meets
        changes nothing, so a repeat is harmless."""
