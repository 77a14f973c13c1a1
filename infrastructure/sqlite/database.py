"""One file, one writer, two readers: what the stores of this folder share."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, assert_never

from application.ports.clock import Clock
from application.ports.event_store import RecordedEvent, StreamConflict
from infrastructure.codec.chain import SealedEvent
from infrastructure.codec.instants import from_microseconds, to_microseconds
from infrastructure.codec.stored_event import read_stored
from infrastructure.sqlite.appender import Append, Appended, Refused, Repeated
from infrastructure.sqlite.connections import (
    Connect,
    connect,
    make_ready,
    open_reader,
    open_writer,
)
from infrastructure.sqlite.damaged_text import is_damaged_text
from infrastructure.sqlite.database_files import tip_beside
from infrastructure.sqlite.live_feed import LiveFeed
from infrastructure.sqlite.log_tree import Rooted
from infrastructure.sqlite.past_writes import PastMadeUp
from infrastructure.sqlite.requests import Answer, Done, NotDone, ReadTree, WriteRequest
from infrastructure.sqlite.statements import Statements, Value
from infrastructure.sqlite.stored_rows import to_stored
from infrastructure.sqlite.tip_file import TipFile
from infrastructure.sqlite.view_writes import ViewWrite
from infrastructure.sqlite.writer import Batch, Deliver, Job, ThreadWriter, Writer
from infrastructure.sqlite.writer_process import ProcessWriter

T = TypeVar("T")
_LIVE_EVENTS = 10_000


class DatabaseUnavailable(Exception):
    """The file cannot be read or written now, for the reason given."""


class DatabaseDamaged(DatabaseUnavailable):
    """What stands in the file is not what was written there."""


class SqliteDatabase:
    """The open file, for one event loop. The stores made from it do not close it.

    `live` receives every event right after its commit. `clock` is asked on the loop's thread.
    """

    def __init__(
        self,
        path: Path,
        start_writer: Callable[[Deliver], Writer],
        *,
        clock: Clock,
        connector: Connect,
        live_events: int,
    ) -> None:
        self.live = LiveFeed(live_events)
        self.clock = clock
        self._closed = False
        self._inline = open_reader(path, connector)
        self._threaded = open_reader(path, connector)
        self._reading_thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-reader")
        self._writer = start_writer(self._settle)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Clock,
        connector: Connect = connect,
        live_events: int = _LIVE_EVENTS,
    ) -> "SqliteDatabase":
        """Open or make the file, with the writer in a thread. Raises UnusableDatabase.

        A live subscriber more than `live_events` behind goes back to reading the file.
        """

        def start_writer(deliver: Deliver) -> Writer:
            tip = TipFile(tip_beside(path))
            return ThreadWriter(lambda: open_writer(path, connector), tip, deliver)

        make_ready(path, connector)
        return cls(path, start_writer, clock=clock, connector=connector, live_events=live_events)

    @classmethod
    def open_apart(
        cls,
        path: Path,
        *,
        clock: Clock,
        held: int | None = None,
        live_events: int = _LIVE_EVENTS,
    ) -> "SqliteDatabase":
        """The same with the writer in a process of its own, which keeps the descriptor `held`
        open. It needs a running loop."""
        make_ready(path, connect)
        start = partial(ProcessWriter, path, held=held)
        return cls(path, start, clock=clock, connector=connect, live_events=live_events)

    @classmethod
    async def open_with_care(
        cls, path: Path, *, clock: Clock, held: int, labs: int
    ) -> "SqliteDatabase":
        """The same, where the loop goes on while the file is judged. See `judge` for `labs`."""
        await asyncio.to_thread(make_ready, path, connect, labs=labs)
        start = partial(ProcessWriter, path, held=held)
        return cls(path, start, clock=clock, connector=connect, live_events=_LIVE_EVENTS)

    async def append(
        self, stream: str, sealed: Sequence[SealedEvent], *, expected: int
    ) -> Sequence[RecordedEvent]:
        """Store the events durably after version `expected` of the stream, or find that they
        are there already. Raises StreamConflict or DatabaseUnavailable."""
        rows = [
            (one.new.id.bytes, one.type, one.data.decode(), one.metadata.decode())
            for one in sealed
        ]
        request = Append(stream, expected, rows, to_microseconds(self.clock.now()))
        recorded: Sequence[RecordedEvent] = await self._write(request, sealed)
        return recorded

    async def change_views(self, request: ViewWrite | PastMadeUp | Statements) -> Value:
        """Do the work in the writer's next transaction. Raises DatabaseUnavailable."""
        value: Value = await self._write(request)
        return value

    async def tree(self) -> Rooted:
        """The tree over all that is acknowledged. Raises DatabaseUnavailable."""
        rooted: Rooted = await self._write(ReadTree())
        return rooted

    def read(self, reading: Callable[[sqlite3.Connection], T]) -> T:
        """Read here and now: for what takes microseconds. Raises DatabaseUnavailable."""
        self._refuse_when_closed()
        return _told(reading, self._inline)

    async def read_aside(self, reading: Callable[[sqlite3.Connection], T]) -> T:
        """Read in a thread of its own, for what takes longer. Raises DatabaseUnavailable."""
        self._refuse_when_closed()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading_thread, _told, reading, self._threaded)

    async def close(self) -> None:
        """Finish what was submitted, then let go of the file. Repeating it does nothing."""
        if self._closed:
            return
        self._closed = True
        await self._writer.stop()
        await asyncio.to_thread(self._reading_thread.shutdown)
        self._inline.close()
        self._threaded.close()
        self.live.resynchronize()

    def _write(
        self, request: WriteRequest, sealed: Sequence[SealedEvent] = ()
    ) -> asyncio.Future[Any]:
        self._refuse_when_closed()
        waiter = asyncio.get_running_loop().create_future()
        self._writer.submit(Job(request, waiter, sealed))
        return waiter

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise DatabaseUnavailable("it has been closed")

    def _settle(self, batch: Batch) -> None:
        if batch.outcome.doubtful:
            self.live.resynchronize()
        answered = list(zip(batch.jobs, batch.outcome.answers, strict=True))
        results = [_result(job, answer) for job, answer in answered]
        fresh = [
            event
            for (_, answer), recorded in zip(answered, results, strict=True)
            if isinstance(answer, Appended)
            for event in recorded
        ]
        if fresh:
            self.live.publish(fresh)
        for job, result in zip(batch.jobs, results, strict=True):
            if job.waiter.done():
                continue
            if isinstance(result, BaseException):
                job.waiter.set_exception(result)
            else:
                job.waiter.set_result(result)


def _result(job: Job, answer: Answer) -> Any:
    """What the job's waiter gets: a result or an error."""
    match answer:
        case Appended():
            at = from_microseconds(answer.at)
            return [one.recorded(place, at) for place, one in enumerate(job.sealed, answer.first)]
        case Repeated():
            return [read_stored(to_stored(row)) for row in answer.rows]
        case Refused():
            return StreamConflict(answer.stream, answer.expected, answer.actual)
        case Done():
            return answer.value
        case Rooted():
            return answer
        case NotDone():
            return (
                RuntimeError(answer.reason) if answer.bug else DatabaseUnavailable(answer.reason)
            )
        case _:
            assert_never(answer)


def _told(reading: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection) -> T:
    try:
        return reading(connection)
    except sqlite3.Error as error:
        passing = isinstance(error, sqlite3.OperationalError) and not is_damaged_text(error)
        raise (DatabaseUnavailable if passing else DatabaseDamaged)(str(error)) from error


class Outages:
    """What goes wrong with the file, as a port says it. A class: it is on every path."""

    def __init__(self, kind: Callable[[str], Exception]) -> None:
        self._kind = kind

    def __enter__(self) -> None:
        return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, DatabaseUnavailable):
            raise self.described(error) from error

    def described(self, error: DatabaseUnavailable) -> Exception:
        """The port's error for this one."""
        return self._kind(str(error))
