"""The EventStore port on the SQLite file."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from functools import partial

from application.ports.event_store import (
    CaughtUp,
    EventStoreUnavailable,
    NewEvent,
    RecordedEvent,
    Tip,
)
from infrastructure.codec.chain import seal
from infrastructure.codec.stored_event import StoredEvent, read_stored
from infrastructure.sqlite.database import Outages, SqliteDatabase
from infrastructure.sqlite.event_rows import (
    AFTER_POSITION,
    BEFORE_POSITION,
    STREAM_BACKWARDS,
    STREAM_FORWARDS,
    head_of,
    is_between_epochs,
)
from infrastructure.sqlite.stored_rows import Chunk, delivered, fetch_each

_FIRST_CHUNK = 8
_STREAM_CHUNK = 64
_LOG_CHUNK = 256
_LAST = 2**63 - 1
_OUTAGES = Outages(EventStoreUnavailable)


class SqliteEventStore:
    """The EventStore contract. Acknowledged means on disk."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def append(
        self, stream: str, events: Sequence[NewEvent], *, expected: Tip
    ) -> Sequence[RecordedEvent]:
        if not events:
            return ()
        sealed = seal(stream, events, expected)
        with _OUTAGES:
            return await self._database.append(stream, sealed, expected=expected.version)

    async def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        start = from_version if from_version is not None else _LAST if backwards else 1
        async for stored in self._stored_stream(stream, start, backwards):
            yield read_stored(stored)

    async def read_all(self, *, after: int) -> AsyncIterator[RecordedEvent]:
        end = await self.head()
        while after < end:
            reached = end
            for stored in delivered(await self._chunk_after(after, end)):
                yield read_stored(stored)
                reached = stored.position
            after = reached

    async def read_back(self) -> AsyncIterator[RecordedEvent]:
        before = _LAST
        while True:
            reading = partial(_log_chunk_before, before=before)
            with _OUTAGES:
                chunk = await self._database.read_aside(reading)
            for stored in delivered(chunk):
                yield read_stored(stored)
                before = stored.position
            if len(chunk) < _LOG_CHUNK:
                return

    async def subscribe_all(self, *, after: int) -> AsyncGenerator[RecordedEvent | CaughtUp, None]:
        """See EventStore.

        The live buffer is joined before the file is read to its end: whatever is committed in
        between is in both, and what the file delivered already is left out.
        """
        while True:
            async for recorded in self.read_all(after=after):
                after = recorded.position
                yield recorded
            buffer = self._database.live.join()
            try:
                async for recorded in self.read_all(after=after):
                    after = recorded.position
                    yield recorded
                yield CaughtUp(position=after)
                while (taken := await buffer.take()) is not None:
                    for live in taken:
                        if live.position > after:
                            after = live.position
                            yield live
            finally:
                self._database.live.leave(buffer)

    async def head(self) -> int:
        with _OUTAGES:
            return self._database.read(head_of)

    async def is_lost(self, position: int) -> bool:
        with _OUTAGES:
            return self._database.read(lambda connection: is_between_epochs(connection, position))

    async def _stored_stream(
        self, stream: str, start: int, backwards: bool
    ) -> AsyncIterator[StoredEvent]:
        """Small chunks read on the spot: who looks for the newest events stops early."""
        query = STREAM_BACKWARDS if backwards else STREAM_FORWARDS
        size = _FIRST_CHUNK
        while True:
            chunk = self._stream_chunk(query, (stream, start, size))
            for stored in delivered(chunk):
                yield stored
                start = stored.version + (-1 if backwards else 1)
            if len(chunk) < size:
                return
            size = _STREAM_CHUNK
            await asyncio.sleep(0)

    def _stream_chunk(self, query: str, parameters: tuple[object, ...]) -> Chunk:
        with _OUTAGES:
            return self._database.read(
                lambda connection: fetch_each(connection, query, parameters)
            )

    async def _chunk_after(self, after: int, end: int) -> Chunk:
        reading = partial(_log_chunk, after=after, end=end)
        with _OUTAGES:
            return await self._database.read_aside(reading)


def _log_chunk(connection: sqlite3.Connection, *, after: int, end: int) -> Chunk:
    return fetch_each(connection, AFTER_POSITION, (after, end, _LOG_CHUNK))


def _log_chunk_before(connection: sqlite3.Connection, *, before: int) -> Chunk:
    return fetch_each(connection, BEFORE_POSITION, (before, _LOG_CHUNK))
