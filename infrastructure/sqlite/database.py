"""One file, one writer thread, two readers: what the stores of this folder share."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from application.ports.clock import Clock
from infrastructure.sqlite.appender import Append, Appended, Appender
from infrastructure.sqlite.connections import (
    Connect,
    connect,
    make_ready,
    open_reader,
    open_writer,
)
from infrastructure.sqlite.live_feed import LiveFeed
from infrastructure.sqlite.writer import Answer, Batch, Job, ViewWork, Writer

T = TypeVar("T")
_LIVE_EVENTS = 10_000


class DatabaseUnavailable(Exception):
    """The file cannot be read or written now, for the reason told."""


class SqliteDatabase:
    """The open file, for one event loop. The stores made from it do not close it.

    `live` receives every event right after its commit. `clock` is asked on the loop's thread.
    """

    def __init__(self, path: Path, *, clock: Clock, connector: Connect, live_events: int) -> None:
        make_ready(path, connector)
        self.live = LiveFeed(live_events)
        self.clock = clock
        self._closed = False
        self._near = open_reader(path, connector)
        self._far = open_reader(path, connector)
        self._far_thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-reader")
        self._writer = Writer(lambda: open_writer(path, connector), Appender(), self._deliver)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Clock,
        connector: Connect = connect,
        live_events: int = _LIVE_EVENTS,
    ) -> "SqliteDatabase":
        """Open or make the file. Raises UnusableDatabase.

        A live subscriber more than `live_events` behind goes back to reading the file.
        """
        return cls(path, clock=clock, connector=connector, live_events=live_events)

    async def append(self, work: Append) -> Appended:
        """Store the events durably. Raises StreamConflict or DatabaseUnavailable."""
        appended: Appended = await self._write(work)
        return appended

    async def change_views(self, work: ViewWork) -> None:
        """Run the work in the writer's next transaction. Raises DatabaseUnavailable."""
        await self._write(work)

    def read(self, reading: Callable[[sqlite3.Connection], T]) -> T:
        """Read here and now: for what takes microseconds. Raises DatabaseUnavailable."""
        self._refuse_when_closed()
        return _told(reading, self._near)

    async def read_aside(self, reading: Callable[[sqlite3.Connection], T]) -> T:
        """Read in a thread of its own, for what takes longer. Raises DatabaseUnavailable."""
        self._refuse_when_closed()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._far_thread, _told, reading, self._far)

    async def close(self) -> None:
        """Finish what was submitted, then let go of the file. Repeating it does nothing."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._writer.stop)
        await asyncio.to_thread(self._far_thread.shutdown)
        self._near.close()
        self._far.close()
        self.live.resynchronize()

    async def _write(self, work: Append | ViewWork) -> Any:
        self._refuse_when_closed()
        waiter = asyncio.get_running_loop().create_future()
        self._writer.submit(Job(work, waiter))
        return await waiter

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise DatabaseUnavailable("it has been closed")

    def _deliver(self, batch: Batch) -> None:
        """Called by the writer thread; a loop that is gone has nobody waiting."""
        loop = batch.answers[0][0].waiter.get_loop()
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._settle, batch)

    def _settle(self, batch: Batch) -> None:
        if batch.doubtful:
            self.live.resynchronize()
        fresh = [event for _, answer in batch.answers for event in _fresh(answer)]
        if fresh:
            self.live.publish(fresh)
        for job, answer in batch.answers:
            if job.waiter.done():
                continue
            if isinstance(answer, BaseException):
                job.waiter.set_exception(_trouble(answer))
            else:
                job.waiter.set_result(answer)


def _fresh(answer: Answer) -> Any:
    return answer.events if isinstance(answer, Appended) and answer.fresh else ()


def _trouble(error: BaseException) -> Exception:
    """The file's and the machine's troubles are one to the callers; a bug stays what it is."""
    machine = sqlite3.Error | OSError | MemoryError
    if isinstance(error, Exception) and not isinstance(error, machine):
        return error
    unavailable = DatabaseUnavailable(str(error) or type(error).__name__)
    unavailable.__cause__ = error
    return unavailable


def _told(reading: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection) -> T:
    try:
        return reading(connection)
    except sqlite3.Error as error:
        raise DatabaseUnavailable(str(error)) from error
