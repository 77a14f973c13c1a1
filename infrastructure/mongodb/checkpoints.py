"""The Checkpoints port on MongoDB: one small document for each follower."""

import logging
from contextlib import AbstractContextManager
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from application.ports.checkpoints import Checkpoint
from application.ports.event_store import EventStoreUnavailable
from infrastructure.mongodb.calls import ANY_TEXT, bounded
from infrastructure.mongodb.guarded_writes import is_position

log = logging.getLogger(__name__)


class MongodbCheckpoints:
    """The Checkpoints contract over an open connection, which somebody else closes."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], *, patience: float) -> None:
        self._followers = database.get_collection("checkpoints", codec_options=ANY_TEXT)
        self._patience = patience

    async def load(self, name: str) -> Checkpoint | None:
        with self._bounded():
            stored = await self._followers.find_one({"_id": name})
        if stored is None:
            return None
        position, origin = stored.get("position"), stored.get("origin", "")
        if not is_position(position) or not isinstance(origin, str):
            log.warning("a checkpoint cannot be read; it is made anew", extra={"follower": name})
            return None
        return Checkpoint(position=position, origin=origin)

    async def save(self, name: str, checkpoint: Checkpoint) -> None:
        values = {"position": checkpoint.position, "origin": checkpoint.origin}
        with self._bounded():
            await self._followers.update_one({"_id": name}, {"$set": values}, upsert=True)

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, EventStoreUnavailable)
