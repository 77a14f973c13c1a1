"""The tree over the log and what was signed of it, in the file."""

import sqlite3
from collections.abc import Sequence

from application.ports.event_store import EventStoreUnavailable
from application.ports.log_tree import TreeHead
from application.ports.signed_checkpoints import KeptCheckpoint
from domain.log_tree.proofs import consistency
from infrastructure.sqlite.database import Outages, SqliteDatabase
from infrastructure.sqlite.event_rows import head_of
from infrastructure.sqlite.log_tree import Rooted
from infrastructure.sqlite.statements import Statements
from infrastructure.sqlite.tree_nodes import TreeNodes

_FOUND = "SELECT size FROM tree_found"
_KEEP = "INSERT INTO signed_checkpoints (size, note) VALUES (?, ?)"
_VOUCHED = "UPDATE tree_found SET size = 0 WHERE size > 0"
_COLUMNS = "SELECT number, size, note FROM signed_checkpoints"
_LATEST = f"{_COLUMNS} ORDER BY number DESC LIMIT 1"
_OF_SIZE = f"{_COLUMNS} WHERE size = ? ORDER BY number DESC LIMIT 1"
_PAGE = f"{_COLUMNS} WHERE number < ? ORDER BY number DESC LIMIT ?"
_ALL = f"{_COLUMNS} ORDER BY number"
_LAST = 2**63 - 1
_OUTAGES = Outages(EventStoreUnavailable)


class SqliteLogTree:
    """The LogTree contract over an open database. Its writer keeps the tree."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._known: Rooted | None = None

    async def head(self) -> TreeHead | None:
        """See LogTree. The writer is asked only when there is news."""
        with _OUTAGES:
            position = self._database.read(head_of)
            if position == 0:
                return None
            if self._known is None or self._known.position != position:
                self._known = await self._database.tree()
            [found] = self._database.read(lambda file: file.execute(_FOUND).fetchone())
        known = self._known
        return TreeHead(
            size=known.size,
            root=known.root,
            position=known.position,
            first=known.first,
            found=int(found),
        )

    async def consistency(self, first: int, second: int) -> Sequence[bytes]:
        def proven(connection: sqlite3.Connection) -> Sequence[bytes]:
            return consistency(first, second, TreeNodes(connection).node)

        with _OUTAGES:
            return await self._database.read_aside(proven)


class SqliteSignedCheckpoints:
    """The SignedCheckpoints contract over an open database."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def keep(self, size: int, note: str) -> None:
        with _OUTAGES:
            await self._database.change_views(Statements(((_KEEP, (size, note)), (_VOUCHED, ()))))

    async def latest(self, size: int | None = None) -> KeptCheckpoint | None:
        query, values = (_LATEST, ()) if size is None else (_OF_SIZE, (size,))
        with _OUTAGES:
            rows = self._database.read(lambda file: file.execute(query, values).fetchall())
        return _kept(rows[0]) if rows else None

    async def page(self, *, before: int | None, limit: int) -> Sequence[KeptCheckpoint]:
        values = (_LAST if before is None else before, limit)
        with _OUTAGES:
            rows = self._database.read(lambda file: file.execute(_PAGE, values).fetchall())
        return [_kept(row) for row in rows]


def all_checkpoints(connection: sqlite3.Connection) -> Sequence[KeptCheckpoint]:
    """All that are in the file, the oldest first. Raises sqlite3.Error."""
    return [_kept(row) for row in connection.execute(_ALL)]


def _kept(row: tuple[int, int, str]) -> KeptCheckpoint:
    number, size, note = row
    return KeptCheckpoint(number=number, size=size, note=note)
