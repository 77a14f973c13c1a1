"""The tree of hashes over the log, as its writer keeps it: in the file stand the subtrees of every
eighth height, written with the events that complete them; the rest follows from events.

The writer's process loads this module and not what its readers need.
"""

import logging
import sqlite3
from collections.abc import Sequence
from struct import error as misfit

import msgspec

from domain.log_tree.tree import NO_LEAF, TILE, TILE_HEIGHT, GrowingTree, event_leaf
from infrastructure.sqlite.event_rows import EventRow

# For speed, decision 129.
_HEIGHTS = (32, 24, 16, TILE_HEIGHT)
_TILES = "SELECT coalesce(max(number) + 1, 0) FROM tree WHERE height = ?"
_NODES = "SELECT hash, position FROM tree WHERE height = ? AND number >= ? ORDER BY number"
_LEAVES = """
SELECT position, recorded_at, substr(CAST(metadata AS BLOB), -66, 64) FROM events
WHERE position > ? ORDER BY position LIMIT ?
"""
_KEEP = "INSERT OR REPLACE INTO tree VALUES (?, ?, ?, ?)"
_FORGET = "DELETE FROM tree"
_FOUND = "UPDATE tree_found SET size = ?"
_PIECE = 16 * TILE
_DAMAGE = (TypeError, ValueError, AttributeError, OverflowError, misfit)
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
            tree._first = leaves_after(connection, 0, 1)[0][1]
        return tree

    @classmethod
    def caught_up(cls, connection: sqlite3.Connection) -> "LogTree":
        """The tree over all that is in the file. Raises sqlite3.Error."""
        tree = cls.kept(connection)
        while found := leaves_after(connection, tree.position, _PIECE):
            tree._extend(found)
        return tree

    @property
    def head(self) -> Rooted:
        """What it is now."""
        return Rooted(self._tree.size, self._tree.root, self.position, self._first)

    def follow(self, rows: Sequence[EventRow]) -> None:
        """The events that come next."""
        if not rows:
            return
        self._extend([(row[0], leaf_of_row(row)) for row in rows])

    def _extend(self, leaves: Sequence[tuple[int, bytes]]) -> None:
        """Positions and leaves."""
        before = self._tree.size
        self._first = self._first or leaves[0][1]
        self._tree.extend(leaf for _, leaf in leaves)
        self.position = leaves[-1][0]
        if not self._tree.complete:
            return
        for height, number, hash_ in self._tree.complete:
            last = (number + 1 << height) - 1 - before
            self._unwritten.append((height, number, leaves[last][0], hash_))
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
    while found := leaves_after(connection, tree.position, _PIECE):
        tree._extend(found)
        size = tree.head.size
        if size - start < TILE:
            return
        connection.execute("BEGIN IMMEDIATE")
        tree.write(connection)
        connection.execute(_FOUND, (size,))
        connection.execute("COMMIT")
        if size % _SAID_EVERY == 0 or len(found) < _PIECE:
            _log.info("the tree over the log is built from what is there", extra={"events": size})


def leaves_after(
    connection: sqlite3.Connection, after: int, limit: int
) -> Sequence[tuple[int, bytes]]:
    """Positions and leaves of the events after a position. Text in the file that is none keeps
    nothing up: a service with one bad row goes on, and `audit verify` names it."""
    found = connection.execute(_LEAVES, (after, limit)).fetchall()
    return [(position, _leaf(position, at, hash_)) for position, at, hash_ in found]


def leaf_of_row(row: EventRow) -> bytes:
    """The leaf of the event in a row; NO_LEAF where that is damaged."""
    try:
        return event_leaf(row[0], row[7], bytes.fromhex(row[6][-66:-2]))
    except _DAMAGE:
        return NO_LEAF


def _leaf(position: int, at: int, hash_: bytes) -> bytes:
    try:
        return event_leaf(position, at, bytes.fromhex(hash_.decode("ascii")))
    except _DAMAGE:
        return NO_LEAF
