"""The present objects, for queries, and how the projector writes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from application.ports.views import ApiObjectChange, ApiObjectView
from domain.api_object.key import ApiObjectKey, ApiObjectKind


class ApiObjects(Protocol):
    """The present objects, one view each; those that are gone have none.

    They share the checkpoint of the read model: whoever writes both writes these first, so
    that they are never behind it. Every method raises ReadModelUnavailable when the store
    cannot be used.
    """

    async def get(self, key: ApiObjectKey) -> ApiObjectView | None:
        """The object of that name, or None. Raises UnreadableView; what gives many views leaves
        out those that cannot be read."""

    async def find(self, kind: ApiObjectKind, *, namespace: str | None) -> Sequence[ApiObjectView]:
        """All objects of the kind, by namespace and name; of one namespace, if one is said."""

    async def unchanged_since(
        self, kind: ApiObjectKind, at: datetime, *, limit: int
    ) -> Sequence[ApiObjectView]:
        """Objects of the kind whose last change is at or before `at`, the oldest first."""

    async def apply(self, changes: Sequence[ApiObjectChange]) -> None:
        """Write the changes in order, all or nothing. One that is not newer than what it meets
        changes nothing, so a repeat is harmless. Where several processes may write, that holds
        for a day after an object is gone, too: a late writer does not bring it back."""
