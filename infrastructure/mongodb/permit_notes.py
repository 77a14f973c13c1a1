"""The PermitNotes port on MongoDB: one small document for each replica."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from application.ports.permit_notes import PermitNote
from application.ports.read_model import ReadModelUnavailable
from infrastructure.mongodb.calls import bounded

_FRESH_MS = 15_000
_IS_FRESH = {"$expr": {"$gte": ["$at", {"$subtract": ["$$NOW", _FRESH_MS]}]}}


class MongodbPermitNotes:
    """The PermitNotes contract over an open connection, which somebody else closes. The clock
    of the server says how old a note is."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], *, patience: float) -> None:
        self._notes = database["permit-notes"]
        self._patience = patience

    async def leave(self, note: PermitNote) -> None:
        values = {
            "shards": sorted(note.shards),
            "limit": note.limit,
            "held": note.held,
            "waiting": [[namespace, labs] for namespace, labs in note.waiting.items()],
        }
        change = {"$set": {"at": "$$NOW", **{key: {"$literal": it} for key, it in values.items()}}}
        with self._bounded():
            await self._notes.update_one({"_id": note.replica}, [change], upsert=True)

    async def all(self) -> Sequence[PermitNote]:
        with self._bounded():
            stored = await self._notes.find(_IS_FRESH).to_list()
        return [_note(one) for one in stored]

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, ReadModelUnavailable)


def _note(stored: dict[str, Any]) -> PermitNote:
    return PermitNote(
        replica=stored["_id"],
        shards=frozenset(stored["shards"]),
        limit=stored["limit"],
        held=stored["held"],
        waiting=dict(stored["waiting"]),
    )
