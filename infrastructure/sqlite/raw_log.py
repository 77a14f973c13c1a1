"""The RawLog of the SQLite file, for whoever holds its data directory."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from application.ports.event_store import EventStoreUnavailable
from infrastructure.codec.instants import to_microseconds
from infrastructure.codec.stored_event import StoredEvent
from infrastructure.sqlite.connections import connect, make_ready, open_writer
from infrastructure.sqlite.database_files import tip_beside
from infrastructure.sqlite.event_rows import (
    AFTER_POSITION,
    EventRow,
    head_of,
    insert_rows,
)
from infrastructure.sqlite.log_tip import LogTip, caught_up, followed
from infrastructure.sqlite.stored_rows import fetch_chunk
from infrastructure.sqlite.tip_file import TipFile
from infrastructure.sqlite.unusable import described

T = TypeVar("T")
_CHUNK = 500
_FOUND = "UPDATE tree_found SET size = ?"


class SqliteRawLog:
    """The RawLog contract. Positions and times come over as well, so that a history which
    returns to a file means the same there."""

    def __init__(self, connection: sqlite3.Connection, tip_file: TipFile) -> None:
        self._connection = connection
        self._tip_file = tip_file
        self._tip = tip_file.read() or LogTip()

    async def read(self, *, after: int) -> AsyncGenerator[StoredEvent, None]:
        end = await self.end()
        while chunk := await self._told(partial(_chunk, after=after, end=end)):
            for stored in chunk:
                yield stored
            after = chunk[-1].position

    async def end(self) -> int:
        return await self._told(head_of)

    async def append(self, events: Sequence[StoredEvent]) -> None:
        """See RawLog. All or nothing."""
        await self._told(partial(self._append, events))

    def _append(self, events: Sequence[StoredEvent], file: sqlite3.Connection) -> None:
        self._tip = _appended(file, events, self._tip)
        self._tip_file.write(self._tip)

    async def _told(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return await asyncio.to_thread(work, self._connection)
        except (sqlite3.Error, OSError) as error:
            raise EventStoreUnavailable(described(error, self._tip_file.path)) from error


@contextmanager
def open_raw_log(file: Path) -> Iterator[SqliteRawLog]:
    """The log in the file, which is made if need be. Raises UnusableDatabase."""
    make_ready(file, connect)
    with (
        closing(open_writer(file, connect)) as connection,
        closing(TipFile(tip_beside(file))) as tip_file,
    ):
        yield SqliteRawLog(connection, tip_file)


def _chunk(file: sqlite3.Connection, *, after: int, end: int) -> Sequence[StoredEvent]:
    return fetch_chunk(file, AFTER_POSITION, (after, end, _CHUNK))


def _appended(file: sqlite3.Connection, events: Sequence[StoredEvent], tip: LogTip) -> LogTip:
    """Write them, and return the tip after them. The one before is looked for in the file: an
    attempt that failed may have gone farther than was heard."""
    file.execute("BEGIN IMMEDIATE")
    try:
        tip = caught_up(file, tip)
        at = tip.recorded_at
        rows: list[EventRow] = []
        for stored in events:
            at = max(at, to_microseconds(stored.recorded_at))  # times do not fall in a file
            rows.append(_row(stored, at))
        insert_rows(file, rows)
        file.execute(_FOUND, (tip.count + len(rows),))
    except BaseException:
        file.execute("ROLLBACK")
        raise
    file.execute("COMMIT")
    return followed(tip, rows)


def _row(stored: StoredEvent, at: int) -> EventRow:
    return (
        stored.position,
        stored.stream,
        stored.version,
        stored.id.bytes,
        stored.type,
        stored.data.decode(),
        stored.metadata.decode(),
        at,
    )
