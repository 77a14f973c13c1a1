"""Statements as plain values, for what is seldom written."""

import sqlite3
from collections.abc import Sequence

import msgspec

Value = str | int | None


class Statements(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Statements of SQL, each with its values, to be carried out in one transaction."""

    each: Sequence[tuple[str, Sequence[Value]]]

    def __call__(self, connection: sqlite3.Connection) -> Value:
        """What the last one returns: the first column of its last row, None without rows."""
        rows: list[tuple[Value, ...]] = []
        for statement, values in self.each:
            rows = connection.execute(statement, values).fetchall()
        return rows[-1][0] if rows else None
