"""The PastIndex port on the SQLite file."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

from application.ports.past_index import Lifetime, Passed, Stretch, Within
from domain.lab_instance.key import LabKey
from infrastructure.codec.instants import from_microseconds, to_microseconds
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.past_writes import LifetimeRow, PastMadeUp, PastWrite
from infrastructure.sqlite.read_model_outages import VIEWS_OUTAGES

T = TypeVar("T")
REACHED = "SELECT indexed, position FROM checkpoint"
_COLUMNS = (
    "SELECT namespace, name, first_version, uid, born, born_at, gone, last_version FROM lifetimes "
)
_ALIVE = "born <= ? AND (gone IS NULL OR gone > ?)"
_ORDER = " ORDER BY namespace, name, first_version LIMIT ?"
_LATEST = _COLUMNS + (
    "WHERE namespace = ? AND name = ? AND born <= ? AND first_version <= ? "
    "ORDER BY first_version DESC LIMIT 1"
)
_STRETCHES = "SELECT * FROM stretches ORDER BY after"
_LAST = 2**63 - 1


class SqlitePastIndex:
    """The PastIndex contract. The rows ride on the transactions of the views."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def reached(self) -> int:
        with VIEWS_OUTAGES:
            row = self._database.read(lambda file: file.execute(REACHED).fetchone())
        return min(row) if row else 0

    async def alive(
        self, position: int, within: Within, *, after: LabKey | None, limit: int
    ) -> Sequence[Lifetime]:
        statement, values = alive_sql(position, within, after=after, limit=limit)
        rows = await self._aside(lambda file: file.execute(statement, values).fetchall())
        return [_to_lifetime(row) for row in rows]

    async def latest(
        self, key: LabKey, *, position: int | None = None, version: int | None = None
    ) -> Lifetime | None:
        born, first = (_LAST if bound is None else bound for bound in (position, version))
        values = (key.namespace, key.name, born, first)
        with VIEWS_OUTAGES:
            row = self._database.read(lambda file: file.execute(_LATEST, values).fetchone())
        return None if row is None else _to_lifetime(row)

    async def stretches(self) -> Sequence[Stretch]:
        rows = await self._aside(lambda file: file.execute(_STRETCHES).fetchall())
        return [
            Stretch(
                after=after,
                last=last,
                begins=from_microseconds(begins),
                ends=from_microseconds(ends),
                events=events,
            )
            for after, last, begins, ends, events in rows
        ]

    async def catch_up(self, passed: Passed, *, position: int) -> None:
        with VIEWS_OUTAGES:
            await self._database.change_views(PastMadeUp(past_write(passed), position))

    async def _aside(self, reading: Callable[[sqlite3.Connection], T]) -> T:
        with VIEWS_OUTAGES:
            return await self._database.read_aside(reading)


def past_write(passed: Passed) -> PastWrite:
    """The rows for the writer."""
    return PastWrite(
        born=[_born_row(one) for one in passed.born],
        ended=[
            (one.key.namespace, one.key.name, one.version, one.position) for one in passed.ended
        ],
        stretches=[
            (
                one.after,
                one.last,
                to_microseconds(one.begins),
                to_microseconds(one.ends),
                one.events,
            )
            for one in passed.stretches
        ],
    )


def alive_sql(
    position: int, within: Within, *, after: LabKey | None, limit: int
) -> tuple[str, tuple[object, ...]]:
    """The statement and its values: along the key, which is the order."""
    where: list[str] = [_ALIVE]
    named: list[object] = [position, position]
    if within.namespace is not None:
        where.append("namespace = ?")
        named.append(within.namespace)
    if within.name is not None:
        # With a plus the order of the list does not count as decided by the name alone.
        where.append("name = ?" if within.namespace is not None else "+name = ?")
        named.append(within.name)
    if after is not None:
        where.append("(namespace, name) > (?, ?)")
        named += [after.namespace, after.name]
    return _COLUMNS + "WHERE " + " AND ".join(where) + _ORDER, (*named, limit)


def _born_row(one: Lifetime) -> LifetimeRow:
    key, born_at = one.key, to_microseconds(one.born_at)
    return key.namespace, key.name, one.first_version, one.uid, one.born, born_at


def _to_lifetime(row: tuple[str, str, int, str, int, int, int | None, int | None]) -> Lifetime:
    namespace, name, first_version, uid, born, born_at, gone, last_version = row
    return Lifetime(
        key=LabKey(namespace, name),
        uid=uid,
        first_version=first_version,
        born=born,
        born_at=from_microseconds(born_at),
        gone=gone,
        last_version=last_version,
    )
