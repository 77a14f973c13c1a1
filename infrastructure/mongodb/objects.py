"""The Objects port on MongoDB: a collection for each generation of the views, so that both
are cleared together."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from pymongo import IndexModel, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

from application.ports.read_model import ReadModelUnavailable
from application.ports.views import ApiObjectChange, ApiObjectView
from domain.api_object.key import ApiObjectKey, ApiObjectKind
from infrastructure.codec.view_codec import API_OBJECT
from infrastructure.mongodb.calls import bounded
from infrastructure.mongodb.generations import Generations
from infrastructure.mongodb.indexes import TOMBSTONES
from infrastructure.mongodb.next_generation import NextGeneration
from infrastructure.mongodb.view_documents import to_microseconds

Stored = dict[str, Any]
_PRESENT = {"document": {"$exists": True}}
_SHOWN = {"_id": False, "position": True, "document": True}
_BY_AGE = [("changedAt", 1), ("_id", 1)]
_INDEXES = (
    IndexModel([("kind", 1), *_BY_AGE], name="age", partialFilterExpression=_PRESENT),
    TOMBSTONES,
)


class MongodbApiObjects:
    """The ApiObjects contract. One that is gone leaves a tombstone for a day, so that a late
    writer cannot bring it back."""

    def __init__(self, generations: Generations | NextGeneration, *, patience: float) -> None:
        self._generations = generations
        self._patience = patience
        self._prepared = 0

    async def get(self, key: ApiObjectKey) -> ApiObjectView | None:
        found = await self._read({"_id": _place_of(key), **_PRESENT})
        return found[0] if found else None

    async def find(self, kind: ApiObjectKind, *, namespace: str | None) -> Sequence[ApiObjectView]:
        start = kind.value if namespace is None else f"{kind.value} {namespace}"
        within = {"$gte": f"{start} ", "$lt": f"{start}!"}
        return await self._read({"_id": within, **_PRESENT}, sort=[("_id", 1)])

    async def unchanged_since(
        self, kind: ApiObjectKind, at: datetime, *, limit: int
    ) -> Sequence[ApiObjectView]:
        old = {"kind": kind.value, "changedAt": {"$lte": to_microseconds(at)}, **_PRESENT}
        return await self._read(old, sort=_BY_AGE, limit=limit)

    async def apply(self, changes: Sequence[ApiObjectChange]) -> None:
        if not changes:
            return
        with self._bounded():
            collection = await self._collection()
            await collection.bulk_write([_to_write(change) for change in changes])

    async def _read(self, wanted: Stored, **options: Any) -> Sequence[ApiObjectView]:
        with self._bounded():
            collection = await self._collection()
            stored = await collection.find(wanted, _SHOWN, **options).to_list()
        return [
            ApiObjectView(
                api_object=API_OBJECT.decode(one["document"]),
                resource_version=one["position"],
            )
            for one in stored
        ]

    async def _collection(self) -> AsyncCollection[Stored]:
        present = await self._generations.present()
        if self._prepared != present.number:
            await present.api_objects.create_indexes(list(_INDEXES))
            self._prepared = present.number
        return present.api_objects

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, ReadModelUnavailable)


def _place_of(key: ApiObjectKey) -> str:
    """Ordered as the keys are: a space sorts before whatever names may hold."""
    return f"{key.kind.value} {key.namespace} {key.name}"


def _to_write(change: ApiObjectChange) -> UpdateOne:
    place = _place_of(change.key)
    wanted: Stored = {"_id": "$_id", "position": change.position, "buriedAt": "$$NOW"}
    if change.after is not None:
        api_object = change.after.api_object
        wanted = {
            "$literal": {
                "_id": place,
                "kind": change.key.kind.value,
                "position": change.position,
                "changedAt": to_microseconds(api_object.changed_at),
                "document": API_OBJECT.encode(api_object).decode(),
            }
        }
    unless_older = {"$cond": [{"$gte": ["$position", change.position]}, "$$ROOT", wanted]}
    return UpdateOne({"_id": place}, [{"$replaceWith": unless_older}], upsert=True)
