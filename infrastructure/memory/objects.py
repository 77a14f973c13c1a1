"""Objects in memory: the Objects contract by plain search, the yardstick of the others."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from application.ports.views import ApiObjectChange, ApiObjectView
from domain.api_object.key import ApiObjectKey, ApiObjectKind

_BY_PLACE = attrgetter("api_object.key.place")
_BY_AGE = attrgetter("api_object.changed_at", "api_object.key.place")


class MemoryApiObjects:
    """The ApiObjects contract, as long as the object lives."""

    def __init__(self) -> None:
        self._views: dict[ApiObjectKey, ApiObjectView] = {}
        self._buried: dict[ApiObjectKey, int] = {}

    async def get(self, key: ApiObjectKey) -> ApiObjectView | None:
        return self._views.get(key)

    async def find(self, kind: ApiObjectKind, *, namespace: str | None) -> Sequence[ApiObjectView]:
        found = [
            view
            for key, view in self._views.items()
            if key.kind is kind and namespace in (None, key.namespace)
        ]
        return sorted(found, key=_BY_PLACE)

    async def unchanged_since(
        self, kind: ApiObjectKind, at: datetime, *, limit: int
    ) -> Sequence[ApiObjectView]:
        found = await self.find(kind, namespace=None)
        old = [view for view in found if view.api_object.changed_at <= at]
        return sorted(old, key=_BY_AGE)[:limit]

    async def apply(self, changes: Sequence[ApiObjectChange]) -> None:
        for change in changes:
            present = self._views.get(change.key)
            met = present.resource_version if present else self._buried.get(change.key, 0)
            if met >= change.position:
                continue
            if change.after is None:
                self._views.pop(change.key, None)
                self._buried[change.key] = change.position
            else:
                self._views[change.key] = change.after
