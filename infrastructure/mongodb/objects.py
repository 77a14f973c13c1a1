"""The Objects port on MongoDB: a collection for each generation of the views, so that both
are cleared together."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from pymongo import IndexModel, UpdateOne

from application.ports.read_model import ReadModelUnavailable, UnreadableView
from application.ports.views import ApiObjectChange, ApiObjectView
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from infrastructure.codec.unreadable import Unreadable
from infrastructure.codec.view_codec import API_OBJECT
from infrastructure.mongodb.calls import bounded
from infrastructure.mongodb.generations import Generation, Generations
from infrastructure.mongodb.guarded_writes import Stored, write_unless_newer
from infrastructure.mongodb.indexes import TOMBSTONES
from infrastructure.mongodb.next_generation import NextGeneration
from infrastructure.mongodb.unreadable_documents import UnreadableDocuments
from infrastructure.mongodb.view_documents import (
    SHOWN,
    StoredView,
    read_document,
    to_microseconds,
)

_PRESENT = {"document": {"$exists": True}}
_NOT_BURIED = {"buriedAt": {"$exists": False}}
_BY_AGE = [("changedAt", 1), ("_id", 1)]
_INDEXES = (
    IndexModel([("kind", 1), *_BY_AGE], name="age", partialFilterExpression=_PRESENT),
    TOMBSTONES,
)
_Read = ApiObjectView | Unreadable[ApiObjectKey]


class MongodbApiObjects:
    """The ApiObjects contract. One that is gone leaves a tombstone for a day, so that a late
    writer cannot bring it back."""

    def __init__(self, generations: Generations | NextGeneration, *, patience: float) -> None:
        self._generations = generations
        self._patience = patience
        self._prepared = 0
        self.unreadable: UnreadableDocuments[ApiObjectKey, ApiObjectView] = UnreadableDocuments(
            generations,
            patience=patience,
            within=lambda generation: generation.api_objects,
            document=_to_document,
        )

    async def get(self, key: ApiObjectKey) -> ApiObjectView | None:
        read = await self._read(key.kind, {"_id": _place_of(key), **_NOT_BURIED})
        views = self.unreadable.readable(read)
        if len(views) < len(read):
            raise UnreadableView(key)
        return views[0] if views else None

    async def find(self, kind: ApiObjectKind, *, namespace: str | None) -> Sequence[ApiObjectView]:
        start = kind.value if namespace is None else f"{kind.value} {namespace}"
        within = {"$gte": f"{start} ", "$lt": f"{start}!"}
        read = await self._read(kind, {"_id": within, **_NOT_BURIED}, sort=[("_id", 1)])
        return self.unreadable.readable(read)

    async def unchanged_since(
        self, kind: ApiObjectKind, at: datetime, *, limit: int
    ) -> Sequence[ApiObjectView]:
        old = {"kind": kind.value, "changedAt": {"$lte": to_microseconds(at)}, **_PRESENT}
        read = await self._read(kind, old, sort=_BY_AGE, limit=limit)
        return self.unreadable.readable(read)

    async def apply(self, changes: Sequence[ApiObjectChange]) -> None:
        if not changes:
            return
        with self._bounded():
            generation = await self._generation()
            await generation.api_objects.bulk_write([_to_write(change) for change in changes])

    async def _read(self, kind: ApiObjectKind, wanted: Stored, **options: Any) -> Sequence[_Read]:
        with self._bounded():
            generation = await self._generation()
            stored = await generation.api_objects.find(wanted, SHOWN, **options).to_list()
        return [_to_view(one, kind, generation.number) for one in stored]

    async def _generation(self) -> Generation:
        present = await self._generations.present()
        if self._prepared != present.number:
            await present.api_objects.create_indexes(list(_INDEXES))
            self._prepared = present.number
        return present

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, ReadModelUnavailable)


def _place_of(key: ApiObjectKey) -> str:
    """Ordered as the keys are: a space sorts before whatever names may hold."""
    return f"{key.kind.value} {key.namespace} {key.name}"


def _to_view(
    stored: StoredView, kind: ApiObjectKind, generation: int
) -> ApiObjectView | Unreadable[ApiObjectKey]:
    namespace, _, name = str(stored["_id"]).partition(" ")[2].partition(" ")
    key = ApiObjectKey(kind=kind, namespace=namespace, name=name)
    api_object = read_document(API_OBJECT, stored, key, generation)
    if isinstance(api_object, Unreadable):
        return api_object
    return ApiObjectView(api_object=api_object, resource_version=stored["position"])


def _to_write(change: ApiObjectChange) -> UpdateOne:
    document = None if change.after is None else _to_document(change.after)
    return write_unless_newer(_place_of(change.key), change.position, document)


def _to_document(view: ApiObjectView) -> Stored:
    api_object = view.api_object
    return {
        "_id": _place_of(api_object.key),
        "kind": api_object.key.kind.value,
        "position": view.resource_version,
        "changedAt": to_microseconds(api_object.changed_at),
        "document": API_OBJECT.encode(api_object).decode(),
    }
