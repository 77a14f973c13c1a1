"""The Checkpoints port on MongoDB: one small document for each follower."""

from contextlib import AbstractContextManager
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from application.ports.checkpoints import Checkpoint
from application.ports.event_store import EventStoreUnavailable
from infrastructure.mongodb.calls import bounded


class MongodbCheckpoints:
    """The Checkpoints contract over an open connection, which somebody else closes."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], *, patience: float) -> None:
        self._followers = database["checkpoints"]
        self._patience = patience

    async def load(self, name: str) -> Checkpoint | None:
        with self._bounded():
            stored = await self._followers.find_one({"_id": name})
        if stored is None:
            return None
        return Checkpoint(position=int(stored["position"]), origin=stored.get("origin", ""))

    async def save(self, name: str, checkpoint: Checkpoint) -> None:
        values = {"position": checkpoint.position, "origin": checkpoint.origin}
        with self._bounded():
            await self._followers.update_one({"_id": name}, {"$set": values}, upsert=True)

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, EventStoreUnavailable)
