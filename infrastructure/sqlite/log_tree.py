"""The tree of hashes over the log, as its writer keeps it: in the file stand the subtrees of every
eighth height, written with the events that complete them; the rest follows from events.

The writer's process loads this module and not what its readers need.
"""

import logging
import sqlite3
from collections.abc import Sequence
from struct import error

import msgspec

from domain.log_tree.tree import TILE, TILE_HEIGHT, GrowingTree, event_leaf
from infrastructure.sqlite.event_rows import AFTER_POSITION, EventRow, rows_of
from infrastructure.sqlite.log_tip import LAST, DamagedRow

# For speed, decision 129.
_HEIGHTS = (32, 24, 16, TILE_HEIGHT)
_TILES = "SELECT coalesce(max(number) + 1, 0) FROM tree WHERE height = ?"
_NODES = "SELECT hash, position FROM tree WHERE height = ? AND number >= ? ORDER BY number"
_FIRST = "SELECT * FROM events ORDER BY position LIMIT 1"
_KEEP = "INSERT OR REPLACE INTO tree VALUES (?, ?, ?, ?)"
_FORGET = "DELETE FROM tree"
_FOUND = "UPDATE tree_found SET size = ?"
_PIECE = 16 * TILE
_SAID_EVERY = 400 * TILE
_log = logging.getLogger(__name__)


class Rooted(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The tree over the log: its size and root, the last event's position, the first leaf."""

    size: int
    root: bytes
    position: int
    first: bytes


class LogTree:
    """Used by the writer only. `position`: that of the last event in it."""

    def __init__(self) -> None:
        self.position = 0
        self._tree = GrowingTree()
        self._first = b""
        self._unwritten: list[tuple[int, int, int, bytes]] = []

    @classmethod
    def kept(cls, connection: sqlite3.Connection) -> "LogTree":
        """The tree as far as the file keeps it; empty where a part of it is missing.
        Raises sqlite3.Error."""
        tree = cls()
        [tiles] = connection.execute(_TILES, (TILE_HEIGHT,)).fetchone()
        size, hashes = 0, tree._tree.hashes
        for height in _HEIGHTS:
            upper = GrowingTree(size >> height, hashes)
            nodes = connection.execute(_NODES, (height, size >> height)).fetchall()
            upper.extend(hash_ for hash_, _ in nodes)
            if upper.size != tiles >> (height - TILE_HEIGHT):
                return cls()
            size, hashes = upper.size << height, upper.hashes
            tree.position = max([tree.position, *(position for _, position in nodes)])
        if size:
            tree._tree = GrowingTree(size, hashes)
            tree._first = _leaves(rows_of(connection, _FIRST, ()))[0]
        return tree

    @classmethod
    def caught_up(cls, connection: sqlite3.Connection) -> "LogTree":
        """The tree over all that is in the file. Raises sqlite3.Error."""
        tree = cls.kept(connection)
        while rows := rows_of(connection, AFTER_POSITION, (tree.position, LAST, _PIECE)):
            tree.follow(rows)
        return tree

    @property
    def head(self) -> Rooted:
        """What it is now."""
        return Rooted(self._tree.size, self._tree.root, self.position, self._first)

    def follow(self, rows: Sequence[EventRow]) -> None:
        """The events that come next. Raises DamagedRow."""
        if not rows:
            return
        before, leaves = self._tree.size, _leaves(rows)
        self._first = self._first or leaves[0]
        self._tree.extend(leaves)
        self.position = rows[-1][0]
        if not self._tree.complete:
            return
        for height, number, hash_ in self._tree.complete:
            last = (number + 1 << height) - 1 - before
            self._unwritten.append((height, number, rows[last][0], hash_))
        self._tree.complete.clear()

    def write(self, connection: sqlite3.Connection) -> None:
        """Put into the file what has become complete. Durable with the transaction."""
        if self._unwritten:
            connection.executemany(_KEEP, self._unwritten)
            self._unwritten.clear()


def grow(connection: sqlite3.Connection) -> None:
    """Bring the tree in the file up to its log, in pieces that stay: of a log that was made
    without one, it is built from what is found. Raises sqlite3.Error."""
    tree = LogTree.kept(connection)
    start = tree.head.size
    if start == 0:
        connection.execute(_FORGET)
    while rows := rows_of(connection, AFTER_POSITION, (tree.position, LAST, _PIECE)):
        tree.follow(rows)
        size = tree.head.size
        if size - start < TILE:
            return
        connection.execute("BEGIN IMMEDIATE")
        tree.write(connection)
        connection.execute(_FOUND, (size,))
        connection.execute("COMMIT")
        if size % _SAID_EVERY == 0 or len(rows) < _PIECE:
            _log.info("the tree over the log is built from what is there", extra={"events": size})


def _leaves(rows: Sequence[EventRow]) -> list[bytes]:
    try:
        return [event_leaf(row[0], row[7], bytes.fromhex(row[6][-66:-2])) for row in rows]
    except (TypeError, ValueError, OverflowError, error) as damage:
        raise DamagedRow(rows[0][0]) from damage
