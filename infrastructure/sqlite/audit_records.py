"""The audit's records in a file of their own: what is in it is made anew from the log at any time,
so nothing waits for the disk, and a file that is damaged is simply begun anew."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from application.ports.audit_records import (
    Act,
    ActFilter,
    Counts,
    Life,
    LifeFilter,
    Reading,
    Resting,
    Trace,
    Transition,
    Usage,
    UsageQuestion,
)
from application.ports.checkpoints import Checkpoint
from application.ports.read_model import ReadModelUnavailable, UnreadableReadModel
from domain.lab_instance.key import LabKey
from infrastructure.sqlite.audit_reading import acts_that_match, lives_that_match, resting_before
from infrastructure.sqlite.audit_schema import TABLES, is_ours
from infrastructure.sqlite.audit_sums import counts_at, transitions_between, usage_of
from infrastructure.sqlite.audit_writing import AuditWriting
from infrastructure.sqlite.connections import connect, open_reader
from infrastructure.sqlite.unusable import described, is_damage

T = TypeVar("T")


class SqliteAuditRecords:
    """The AuditRecords contract over one file, for one event loop: a thread writes, another
    reads. The file is opened when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing: AuditWriting | None = None
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._writing_thread = ThreadPoolExecutor(1, thread_name_prefix="audit-writer")
        self._reading_thread = ThreadPoolExecutor(1, thread_name_prefix="audit-reader")

    async def checkpoint(self) -> Checkpoint | None:
        def read() -> Checkpoint | None:
            query = "SELECT position, origin FROM checkpoint"
            row = self._open().execute(query).fetchone()
            return Checkpoint(position=row[0], origin=row[1]) if row else None

        return await self._done(self._writing_thread, read)

    async def record(self, traces: Sequence[Trace], *, checkpoint: Checkpoint) -> None:
        def write() -> None:
            self._open()
            assert self._writing is not None, "it was opened"  # noqa: S101  for the type checker
            self._writing.record(traces, checkpoint)

        await self._done(self._writing_thread, write)

    async def clear(self) -> None:
        await self._done(self._reading_thread, self._close_reader)
        await self._done(self._writing_thread, self._remove)

    async def acts(self, wanted: ActFilter, reading: Reading) -> Sequence[Act]:
        return await self._read(lambda read: acts_that_match(read, wanted, reading))

    async def lives(self, wanted: LifeFilter, reading: Reading) -> Sequence[Life]:
        return await self._read(lambda read: lives_that_match(read, wanted, reading))

    async def usage(self, question: UsageQuestion) -> Sequence[Usage]:
        return await self._read(lambda read: usage_of(read, question))

    async def counts(self, since: datetime, step: timedelta, number: int) -> Sequence[Counts]:
        return await self._read(lambda read: counts_at(read, since, step, number))

    async def resting_at(self, key: LabKey, *, version: int) -> Resting | None:
        return await self._read(lambda read: resting_before(read, key, version))

    async def journal(self, *, after: int, upto: int, limit: int) -> Sequence[Transition]:
        return await self._read(lambda read: transitions_between(read, after, upto, limit))

    async def close(self) -> None:
        """Finish what was begun and let go of the file."""
        await self._done(self._reading_thread, self._close_reader)
        await self._done(self._writing_thread, self._close_writer)
        for thread in (self._reading_thread, self._writing_thread):
            await asyncio.to_thread(thread.shutdown)

    async def _read(self, reading: Callable[[sqlite3.Connection], T]) -> T:
        def read() -> T:
            if self._reader is None:
                self._reader = open_reader(self._path, connect)
            return reading(self._reader)

        if self._writer is None:
            await self._done(self._writing_thread, self._open)
        return await self._done(self._reading_thread, read)

    async def _done(self, thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, work)
        except OSError as error:
            raise ReadModelUnavailable(described(error, self._path)) from error
        except sqlite3.Error as error:
            kind = UnreadableReadModel if is_damage(error) else ReadModelUnavailable
            raise kind(described(error, self._path)) from error

    def _open(self) -> sqlite3.Connection:
        if self._writer is None:
            connection = _opened(self._path)
            if not is_ours(connection):
                connection.close()
                self._remove()
                connection = _opened(self._path)
                connection.executescript(TABLES)
            self._writer = connection
            self._writing = AuditWriting(connection)
        return self._writer

    def _remove(self) -> None:
        self._close_writer()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = self._writing = None

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = None


def _opened(path: Path) -> sqlite3.Connection:
    """What it holds can be made anew: a commit need not have reached the disk, only be whole."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection
