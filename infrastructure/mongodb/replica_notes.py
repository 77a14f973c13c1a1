"""The ReplicaNotes port on MongoDB: one small document for each replica."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from application.ports.read_model import ReadModelUnavailable
from application.ports.replica_notes import ReplicaNote
from infrastructure.mongodb.calls import bounded

_FRESH_MS = 15_000
_IS_FRESH = {"$expr": {"$gte": ["$at", {"$subtract": ["$$NOW", _FRESH_MS]}]}}


class MongodbReplicaNotes:
    """The ReplicaNotes contract over an open connection, which somebody else closes. The clock
    of the server says how old a note is."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], *, patience: float) -> None:
        self._notes = database["replica-notes"]
        self._patience = patience

    async def leave(self, note: ReplicaNote) -> None:
        values = {
            "shards": sorted(note.shards),
            "limit": note.limit,
            "held": note.held,
            "hindrance": note.hindrance,
            "waiting": [[namespace, labs] for namespace, labs in note.waiting.items()],
        }
        change = {"$set": {"at": "$$NOW", **{key: {"$literal": it} for key, it in values.items()}}}
        with self._bounded():
            await self._notes.update_one({"_id": note.replica}, [change], upsert=True)

    async def all(self) -> Sequence[ReplicaNote]:
        with self._bounded():
            stored = await self._notes.find(_IS_FRESH).to_list()
        return [_note(one) for one in stored]

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, ReadModelUnavailable)


def _note(stored: dict[str, Any]) -> ReplicaNote:
    return ReplicaNote(
        replica=stored["_id"],
        shards=frozenset(stored["shards"]),
        limit=stored["limit"],
        held=stored["held"],
        hindrance=stored["hindrance"],
        waiting=dict(stored["waiting"]),
    )
