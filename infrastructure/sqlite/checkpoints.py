"""Checkpoints in the same file as the log, written by its one writer."""

import sqlite3

from application.ports.event_store import EventStoreUnavailable
from infrastructure.sqlite.database import Outages, SqliteDatabase
from infrastructure.sqlite.statements import Statements

_SAVE = "INSERT OR REPLACE INTO followers VALUES (?, ?)"
_OUTAGES = Outages(EventStoreUnavailable)


class SqliteCheckpoints:
    """The Checkpoints contract over an open database, which somebody else closes."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def load(self, name: str) -> int:
        def position(connection: sqlite3.Connection) -> int:
            query = "SELECT position FROM followers WHERE name = ?"
            row = connection.execute(query, (name,)).fetchone()
            return int(row[0]) if row else 0

        with _OUTAGES:
            return self._database.read(position)

    async def save(self, name: str, position: int) -> None:
        with _OUTAGES:
            await self._database.change_views(Statements(((_SAVE, (name, position)),)))
