"""What the writer does to keep the index of the past: rows made beforehand, few statements for
many, as for views."""

import sqlite3
from collections.abc import Sequence

import msgspec

LifetimeRow = tuple[str, str, int, str, int, int]
"""Namespace, name, first version, uid, position and time of the birth."""

StretchRow = tuple[int, int, int, int, int]
"""After, last, begins, ends, events."""

_AT_ONCE = 64
_BORN = (
    "INSERT OR IGNORE INTO lifetimes (namespace, name, first_version, uid, born, born_at) VALUES "
)
_END = (
    "UPDATE lifetimes SET gone = ?, last_version = ? "
    "WHERE namespace = ? AND name = ? AND first_version <= ? AND gone IS NULL"
)
_STRETCH = """
INSERT INTO stretches VALUES (?, ?, ?, ?, ?)
ON CONFLICT (after) DO UPDATE SET last = excluded.last, ends = excluded.ends,
    events = excluded.events WHERE excluded.last > stretches.last
"""
_MADE_UP = "UPDATE checkpoint SET indexed = max(indexed, ?)"


class PastWrite(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Lifetimes that begin; namespace, name, version and position of ends; and stretches."""

    born: Sequence[LifetimeRow] = ()
    ended: Sequence[tuple[str, str, int, int]] = ()
    stretches: Sequence[StretchRow] = ()

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write it; a repeat changes nothing. Not durable before the commit."""
        for start in range(0, len(self.born), _AT_ONCE):
            part = self.born[start : start + _AT_ONCE]
            marks = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(part))
            connection.execute(_BORN + marks, [value for row in part for value in row])
        for namespace, name, version, position in self.ended:
            connection.execute(_END, (position, version, namespace, name, version))
        for row in self.stretches:
            connection.execute(_STRETCH, row)


class PastMadeUp(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """What the index lacked up to a position that the views have passed."""

    write: PastWrite
    position: int

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Write it, and how far the index is. Not durable before the commit."""
        self.write(connection)
        connection.execute(_MADE_UP, (self.position,))
