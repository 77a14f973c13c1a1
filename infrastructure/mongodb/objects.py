"""The Documents port on MongoDB: a collection for each generation of the views, so that both
are cleared together."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from pymongo import IndexModel, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

from application.ports.object_views import DocumentChange, DocumentView
from application.ports.read_model import ReadModelUnavailable
from domain.api_object.key import DocumentKey, DocumentKind
from infrastructure.codec.view_codec import CLIENT_DOCUMENT
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


class MongodbDocuments:
    """The Documents contract. One that is gone leaves a tombstone for a day, so that a late
    writer cannot bring it back."""

    def __init__(self, generations: Generations | NextGeneration, *, patience: float) -> None:
        self._generations = generations
        self._patience = patience
        self._prepared = 0

    async def get(self, key: DocumentKey) -> DocumentView | None:
        """See Documents."""
        found = await self._read({"_id": _place_of(key), **_PRESENT})
        return found[0] if found else None

    async def find(self, kind: DocumentKind, *, namespace: str | None) -> Sequence[DocumentView]:
        """See Documents."""
        start = kind.value if namespace is None else f"{kind.value} {namespace}"
        within = {"$gte": f"{start} ", "$lt": f"{start}!"}
        return await self._read({"_id": within, **_PRESENT}, sort=[("_id", 1)])

    async def unchanged_since(
        self, kind: DocumentKind, at: datetime, *, limit: int
    ) -> Sequence[DocumentView]:
        """See Documents."""
        old = {"kind": kind.value, "changedAt": {"$lte": to_microseconds(at)}, **_PRESENT}
        return await self._read(old, sort=_BY_AGE, limit=limit)

    async def apply(self, changes: Sequence[DocumentChange]) -> None:
        """See Documents."""
        if not changes:
            return
        with self._bounded():
            collection = await self._collection()
            await collection.bulk_write([_to_write(change) for change in changes])

    async def _read(self, wanted: Stored, **options: Any) -> Sequence[DocumentView]:
        with self._bounded():
            collection = await self._collection()
            stored = await collection.find(wanted, _SHOWN, **options).to_list()
        return [
            DocumentView(
                document=CLIENT_DOCUMENT.decode(one["document"]),
                resource_version=one["position"],
            )
            for one in stored
        ]

    async def _collection(self) -> AsyncCollection[Stored]:
        present = await self._generations.present()
        if self._prepared != present.number:
            await present.documents.create_indexes(list(_INDEXES))
            self._prepared = present.number
        return present.documents

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, ReadModelUnavailable)


def _place_of(key: DocumentKey) -> str:
    """Ordered as the keys are: a space sorts before whatever names may hold."""
    return f"{key.kind.value} {key.namespace} {key.name}"


def _to_write(change: DocumentChange) -> UpdateOne:
    place = _place_of(change.key)
    wanted: Stored = {"_id": "$_id", "position": change.position, "buriedAt": "$$NOW"}
    if change.after is not None:
        document = change.after.document
        wanted = {
            "$literal": {
                "_id": place,
                "kind": change.key.kind.value,
                "position": change.position,
                "changedAt": to_microseconds(document.changed_at),
                "document": CLIENT_DOCUMENT.encode(document).decode(),
            }
        }
    unless_older = {"$cond": [{"$gte": ["$position", change.position]}, "$$ROOT", wanted]}
    return UpdateOne({"_id": place}, [{"$replaceWith": unless_older}], upsert=True)
