"""Documents in memory: the Documents contract by plain search, the yardstick of the others."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from application.ports.object_views import DocumentChange, DocumentView
from domain.api_object.key import DocumentKey, DocumentKind

_BY_PLACE = attrgetter("document.key.place")
_BY_AGE = attrgetter("document.changed_at", "document.key.place")


class MemoryDocuments:
    """The Documents contract, as long as the object lives."""

    def __init__(self) -> None:
        self._views: dict[DocumentKey, DocumentView] = {}

    async def get(self, key: DocumentKey) -> DocumentView | None:
        """See Documents."""
        return self._views.get(key)

    async def find(self, kind: DocumentKind, *, namespace: str | None) -> Sequence[DocumentView]:
        """See Documents."""
        found = [
            view
            for key, view in self._views.items()
            if key.kind is kind and namespace in (None, key.namespace)
        ]
        return sorted(found, key=_BY_PLACE)

    async def unchanged_since(
        self, kind: DocumentKind, at: datetime, *, limit: int
    ) -> Sequence[DocumentView]:
        """See Documents."""
        found = await self.find(kind, namespace=None)
        old = [view for view in found if view.document.changed_at <= at]
        return sorted(old, key=_BY_AGE)[:limit]

    async def apply(self, changes: Sequence[DocumentChange]) -> None:
        """See Documents."""
        for change in changes:
            present = self._views.get(change.key)
            if present is not None and present.resource_version >= change.position:
                continue
            if change.after is None:
                self._views.pop(change.key, None)
            else:
                self._views[change.key] = change.after
