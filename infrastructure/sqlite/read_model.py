"""The ReadModel port on the SQLite file."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from application.ports.read_model import ForeignReadModel, Page, ReadModelUnavailable
from application.ports.selectors import ViewFilter
from application.ports.views import LabChange, LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState
from infrastructure.sqlite.database import Outages, SqliteDatabase
from infrastructure.sqlite.instants import to_microseconds
from infrastructure.sqlite.view_query import Term, ViewQuery, query_for
from infrastructure.sqlite.view_rows import to_view, view_writes
from infrastructure.sqlite.view_writes import (
    FORGET_EVERYTHING,
    POSITION,
    claim,
    in_short,
    origin_of,
)

VIEWS_OUTAGES = Outages(ReadModelUnavailable)
T = TypeVar("T")
GET = "SELECT resource_version, document FROM views WHERE namespace = ? AND name = ?"
DUE = (
    "SELECT resource_version, document FROM views "
    "WHERE due_at <= ? ORDER BY due_at, namespace, name LIMIT ?"
)
OWNED = (
    "SELECT resource_version, document FROM views WHERE uid IN (SELECT value FROM json_each(?))"
)
BY_STATE = "SELECT state, count(*) FROM views GROUP BY state"
_UNSETTLED = Term("v.state <> 'failed'", ())


class SqliteReadModel:
    """The ReadModel contract. Views ride on the event store's transactions."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def get(self, key: LabKey) -> LabInstanceView | None:
        row = self._read(lambda file: file.execute(GET, (key.namespace, key.name)).fetchone())
        return to_view(*row) if row else None

    async def find(self, wanted: ViewFilter, *, after: LabKey | None, limit: int) -> Page:
        return await self._page(query_for(wanted, after=after), limit)

    async def count(self, wanted: ViewFilter) -> int:
        query = query_for(wanted, after=None)
        counting = count_sql(query)
        return await self._read_aside(lambda file: _number(file, counting, query.values))

    async def due(self, now: datetime, *, limit: int) -> Sequence[LabInstanceView]:
        values = (to_microseconds(now), limit)
        return await self._read_aside(lambda file: _views(file, DUE, values))

    async def owned(self, uids: Sequence[str]) -> Mapping[str, LabInstanceView]:
        values = (msgspec.json.encode(uids).decode(),)
        views = await self._read_aside(lambda file: _views(file, OWNED, values))
        return {view.lab.uid: view for view in views}

    async def unsettled(self, *, after: LabKey | None, limit: int) -> Page:
        return await self._page(unsettled_query(after), limit)

    async def count_by_state(self) -> Mapping[LabState, int]:
        rows = await self._read_aside(lambda file: file.execute(BY_STATE).fetchall())
        return {LabState(state): number for state, number in rows}

    async def position(self) -> int:
        return self._read(lambda file: _number(file, POSITION, ()))

    async def apply(self, changes: Sequence[LabChange], *, position: int) -> None:
        with VIEWS_OUTAGES:
            for write in view_writes(changes, position=position):
                await self._database.change_views(write)

    async def clear(self) -> None:
        with VIEWS_OUTAGES:
            await self._database.change_views(FORGET_EVERYTHING)

    async def claim(self, origin: str) -> None:
        known = self._read(origin_of)
        if known in (None, in_short(origin)):
            with VIEWS_OUTAGES:
                await self._database.change_views(claim(origin))
            known = self._read(origin_of)
        if known != origin:
            raise ForeignReadModel

    async def _page(self, query: ViewQuery, limit: int) -> Page:
        return await self._read_aside(lambda file: _page(file, query, limit))

    def _read(self, reading: Callable[[sqlite3.Connection], T]) -> T:
        with VIEWS_OUTAGES:
            return self._database.read(reading)

    async def _read_aside(self, reading: Callable[[sqlite3.Connection], T]) -> T:
        with VIEWS_OUTAGES:
            return await self._database.read_aside(reading)


def unsettled_query(after: LabKey | None) -> ViewQuery:
    """The views that are not failed, after the key given."""
    everything = query_for(ViewFilter(), after=after)
    terms = (_UNSETTLED, *everything.terms)
    return ViewQuery(source=everything.source, terms=terms, order=everything.order)


def page_sql(query: ViewQuery) -> str:
    """The statement for one page; its last mark is the number of views."""
    return (
        f"SELECT v.resource_version, v.document FROM {query.source} "  # noqa: S608  own words
        f"WHERE {query.where} ORDER BY {query.order} LIMIT ?"
    )


def count_sql(query: ViewQuery) -> str:
    """The statement that counts."""
    return f"SELECT count(*) FROM {query.source} WHERE {query.where}"  # noqa: S608  own words


def _page(file: sqlite3.Connection, query: ViewQuery, limit: int) -> Page:
    """Position and views in one transaction, so that both are of the same moment."""
    file.execute("BEGIN")
    try:
        position = _number(file, POSITION, ())
        views = _views(file, page_sql(query), (*query.values, limit + 1))
    finally:
        file.execute("COMMIT")
    return Page(views=views[:limit], more=len(views) > limit, position=position)


def _views(
    file: sqlite3.Connection, statement: str, values: tuple[object, ...]
) -> Sequence[LabInstanceView]:
    return [to_view(*row) for row in file.execute(statement, values).fetchall()]


def _number(file: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> int:
    [number] = file.execute(statement, values).fetchone()
    return int(number)
