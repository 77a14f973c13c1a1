"""Subtrees over the log from the file: those that are kept, and those that follow from events."""

import sqlite3
from collections.abc import Sequence

from domain.log_tree.heads import nodes_over
from domain.log_tree.proofs import Node
from domain.log_tree.tree import TILE, TILE_HEIGHT
from infrastructure.sqlite.event_rows import AFTER_POSITION, EventRow, rows_of
from infrastructure.sqlite.log_tip import LAST
from infrastructure.sqlite.log_tree import leaves_after

_KEPT = "SELECT hash FROM tree WHERE height = ? AND number = ?"
_CHILDREN = "SELECT hash FROM tree WHERE height = ? AND number BETWEEN ? AND ? ORDER BY number"
_BEGINS = "SELECT position FROM tree WHERE height = ? AND number = ?"
_TILE_OF = "SELECT coalesce(min(number), (SELECT count(*) FROM tree WHERE height = :height))"
_TILE_AT = f"{_TILE_OF} FROM tree WHERE height = :height AND position >= :position"
_REMEMBERED = 64


class TreeNodes:
    """The subtrees of one moment, over a connection whose events only grow. Nothing is checked:
    who wants to know whether events are what they were compares the root."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tiles: dict[tuple[int, int], Node] = {}

    def node(self, height: int, number: int) -> bytes:
        """See domain's Node. Raises ValueError where it is not there, and sqlite3.Error."""
        if height and height % TILE_HEIGHT == 0:
            row = self._connection.execute(_KEPT, (height, number)).fetchone()
            if row is None:
                raise ValueError(f"the tree in the file lacks {height}/{number}")
            return bytes(row[0])
        inside = height % TILE_HEIGHT
        tile = number << inside >> TILE_HEIGHT
        within = number - (tile << TILE_HEIGHT >> inside)
        try:
            return self._tile(height - inside, tile)(inside, within)
        except IndexError:
            raise ValueError(f"the log has no events for {height}/{number}") from None

    def events(self, tile: int) -> Sequence[EventRow]:
        """The events under a subtree of TILE leaves; of the last one, those that are there."""
        begins = self._begins(tile)
        if begins is None:
            return ()
        return rows_of(self._connection, AFTER_POSITION, (begins, LAST, TILE))

    def tile_at(self, position: int) -> int:
        """Under which subtree of TILE leaves the event at that position is."""
        values = {"height": TILE_HEIGHT, "position": position}
        [number] = self._connection.execute(_TILE_AT, values).fetchone()
        return int(number)

    def _begins(self, tile: int) -> int | None:
        """The position before its first event."""
        if tile == 0:
            return 0
        row = self._connection.execute(_BEGINS, (TILE_HEIGHT, tile - 1)).fetchone()
        return int(row[0]) if row else None

    def _tile(self, height: int, tile: int) -> Node:
        found = self._tiles.get((height, tile))
        if found is None:
            if len(self._tiles) >= _REMEMBERED:
                self._tiles.clear()
            found = self._tiles[height, tile] = nodes_over(self._children(height, tile))
        return found

    def _children(self, height: int, tile: int) -> Sequence[bytes]:
        if height == 0:
            begins = self._begins(tile)
            if begins is None:
                return ()
            return [leaf for _, leaf in leaves_after(self._connection, begins, TILE)]
        first = tile << TILE_HEIGHT
        values = (height, first, first + TILE - 1)
        return [bytes(row[0]) for row in self._connection.execute(_CHILDREN, values)]
