"""The ReadModel port on the SQLite file."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec

from application.ports.past_index import NOTHING_PASSED, Passed
from application.ports.read_model import CommandSearch, ForeignReadModel, Page, UnreadableView
from application.ports.selectors import ViewFilter
from application.ports.views import CarriedOut, LabChange, LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState
from infrastructure.codec.instants import to_microseconds
from infrastructure.codec.unreadable import Unreadable
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.past_index import past_write
from infrastructure.sqlite.read_model_outages import VIEWS_OUTAGES
from infrastructure.sqlite.unreadable_rows import UnreadableRows
from infrastructure.sqlite.view_query import Term, ViewQuery, query_for
from infrastructure.sqlite.view_rows import (
    command_rows,
    found_command,
    replacing,
    to_view,
    view_writes,
)
from infrastructure.sqlite.view_writes import (
    FIND_COMMAND,
    FORGET_EVERYTHING,
    POSITION,
    Beside,
    claim,
    in_short,
    origin_of,
)

T = TypeVar("T")
_COLUMNS = "SELECT namespace, name, resource_version, CAST(document AS BLOB) FROM views "
GET = _COLUMNS + "WHERE namespace = ? AND name = ?"
DUE = _COLUMNS + "WHERE due_at <= ? ORDER BY due_at, namespace, name LIMIT ?"
OWNED = (
    "SELECT namespace, name, resource_version, CAST(document AS BLOB) FROM views "
    "WHERE uid IN (SELECT value FROM json_each(?))"
)
BY_STATE = "SELECT state, count(*) FROM views GROUP BY state"
_STATES = frozenset(state.value for state in LabState)
_UNSETTLED = Term("v.state <> 'failed'", ())


class SqliteReadModel:
    """The ReadModel contract. Views ride on the event store's transactions."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self.unreadable: UnreadableRows[LabKey, LabInstanceView] = UnreadableRows(
            database, replacing
        )

    async def get(self, key: LabKey) -> LabInstanceView | None:
        row = self._read(lambda file: file.execute(GET, (key.namespace, key.name)).fetchone())
        if row is None:
            return None
        views = self.unreadable.readable([to_view(row)])
        if not views:
            raise UnreadableView(key)
        return views[0]

    async def find(self, wanted: ViewFilter, *, after: LabKey | None, limit: int) -> Page:
        return await self._page(query_for(wanted, after=after), limit)

    async def count(self, wanted: ViewFilter) -> int:
        query = query_for(wanted, after=None)
        counting = count_sql(query)
        return await self._read_aside(lambda file: _number(file, counting, query.values))

    async def due(self, now: datetime, *, limit: int) -> Sequence[LabInstanceView]:
        values = (to_microseconds(now), limit)
        return await self._views(DUE, values)

    async def owned(self, uids: Sequence[str]) -> Mapping[str, LabInstanceView]:
        values = (msgspec.json.encode(uids).decode(),)
        views = await self._views(OWNED, values)
        return {view.lab.uid: view for view in views}

    async def unsettled(self, *, after: LabKey | None, limit: int) -> Page:
        return await self._page(unsettled_query(after), limit)

    async def count_by_state(self) -> Mapping[LabState, int]:
        rows = await self._read_aside(lambda file: file.execute(BY_STATE).fetchall())
        return {LabState(state): number for state, number in rows if state in _STATES}

    async def position(self) -> int:
        return self._read(lambda file: _number(file, POSITION, ()))

    async def find_command(self, command: UUID) -> CommandSearch:
        row = self._read(lambda file: file.execute(FIND_COMMAND, (command.hex,)).fetchone())
        return found_command(command, row)

    async def apply(
        self,
        changes: Sequence[LabChange],
        *,
        position: int,
        commands: Sequence[CarriedOut] = (),
        passed: Passed = NOTHING_PASSED,
    ) -> None:
        beside = Beside(commands=command_rows(commands), passed=past_write(passed))
        with VIEWS_OUTAGES:
            for write in view_writes(changes, position=position, beside=beside):
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
        """A page is full whatever was left out: who goes on does so after its last view."""
        read, position = await self._read_aside(lambda file: _page(file, query, limit))
        views = self.unreadable.readable(read)
        return Page(views=views[:limit], more=len(views) > limit, position=position)

    async def _views(
        self, statement: str, values: tuple[object, ...]
    ) -> Sequence[LabInstanceView]:
        read = await self._read_aside(lambda file: _found(file, statement, values))
        return self.unreadable.readable(read)

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
    """The statement for one page; its last mark is the number of views, -1 for all."""
    return (
        "SELECT v.namespace, v.name, v.resource_version, CAST(v.document AS BLOB) "  # noqa: S608  own words
        f"FROM {query.source} WHERE {query.where} ORDER BY {query.order} LIMIT ?"
    )


def count_sql(query: ViewQuery) -> str:
    """The statement that counts."""
    return f"SELECT count(*) FROM {query.source} WHERE {query.where}"  # noqa: S608  own words


_Read = Sequence[LabInstanceView | Unreadable[LabKey]]


def _page(file: sqlite3.Connection, query: ViewQuery, limit: int) -> tuple[_Read, int]:
    """One view more than a page has, if there are any, whatever stands between them that cannot
    be read; and the position. In one transaction, so that both are of the same moment."""
    file.execute("BEGIN")
    try:
        position = _number(file, POSITION, ())
        read = _found(file, page_sql(query), (*query.values, limit + 1))
        if len(read) > limit and not all(map(_is_view, read)):
            read = _first_readable(file, query, limit + 1)
    finally:
        file.execute("COMMIT")
    return read, position


def _found(file: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> _Read:
    return [to_view(row) for row in file.execute(statement, values).fetchall()]


def _first_readable(file: sqlite3.Connection, query: ViewQuery, wanted: int) -> _Read:
    """So many views, and all that is left out before the last of them, in one reading."""
    read: list[LabInstanceView | Unreadable[LabKey]] = []
    with closing(file.execute(page_sql(query), (*query.values, -1))) as rows:
        for row in rows:
            read.append(to_view(row))
            wanted -= _is_view(read[-1])
            if wanted == 0:
                break
    return read


def _is_view(read: object) -> bool:
    return isinstance(read, LabInstanceView)


def _number(file: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> int:
    row = file.execute(statement, values).fetchone()
    if row is None:
        raise sqlite3.DatabaseError("the checkpoint of the views is missing")
    return int(row[0])
