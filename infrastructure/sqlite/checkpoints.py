"""Checkpoints in the same file as the log, written by its one writer."""

import sqlite3

from application.ports.checkpoints import Checkpoint
from application.ports.event_store import EventStoreUnavailable
from infrastructure.sqlite.database import Outages, SqliteDatabase
from infrastructure.sqlite.statements import Statements

_SAVE = "INSERT OR REPLACE INTO followers VALUES (?, ?, ?)"
_LOAD = "SELECT position, origin FROM followers WHERE name = ?"
_OUTAGES = Outages(EventStoreUnavailable)


class SqliteCheckpoints:
    """The Checkpoints contract over an open database, which somebody else closes."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def load(self, name: str) -> Checkpoint | None:
        def loaded(connection: sqlite3.Connection) -> Checkpoint | None:
            row = connection.execute(_LOAD, (name,)).fetchone()
            return Checkpoint(position=int(row[0]), origin=row[1]) if row else None

        with _OUTAGES:
            return self._database.read(loaded)

    async def save(self, name: str, checkpoint: Checkpoint) -> None:
        values = (name, checkpoint.position, checkpoint.origin)
        with _OUTAGES:
            await self._database.change_views(Statements(((_SAVE, values),)))
