"""The one thread that writes: it commits everything that waits in one transaction."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from application.ports.event_store import StreamConflict
from infrastructure.sqlite.appender import Append, Appended, Appender

ViewWork = Callable[[sqlite3.Connection], None]
_BATCH = 1024


@dataclass(frozen=True, slots=True)
class Job:
    """Something to write, and who waits for it."""

    work: Append | ViewWork
    waiter: asyncio.Future[Any]


Answer = Appended | BaseException | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Jobs with their answers, in order; all of it is on disk, except for errors.

    `doubtful`: a transaction failed on the way, so the file may hold more than was answered.
    """

    answers: Sequence[tuple[Job, Answer]]
    doubtful: bool


class Writer:
    """Takes jobs from any thread and hands whole batches of answers to `deliver`.

    No failure ends the thread: a failed transaction is undone and its jobs are tried one by
    one, so that one job's trouble is not another's, and the next batch starts afresh.
    """

    def __init__(
        self,
        open_connection: Callable[[], sqlite3.Connection],
        appender: Appender,
        deliver: Callable[[Batch], None],
    ) -> None:
        self._open_connection = open_connection
        self._appender = appender
        self._deliver = deliver
        self._connection: sqlite3.Connection | None = None
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Let the job be done; its answer comes with a batch."""
        self._queue.put(job)

    def stop(self) -> None:
        """Do what was submitted before, then end. Waits for the end."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        running = True
        while running:
            jobs, running = self._waiting_jobs()
            if jobs:
                self._deliver(self._done(jobs))
        self._discard_connection()

    def _waiting_jobs(self) -> tuple[Sequence[Job], bool]:
        jobs: list[Job] = []
        job = self._queue.get()
        with suppress(Empty):
            while job is not None:
                jobs.append(job)
                if len(jobs) == _BATCH:
                    break
                job = self._queue.get_nowait()
        return jobs, job is not None

    def _done(self, jobs: Sequence[Job]) -> Batch:
        try:
            return Batch(self._committed(jobs), doubtful=False)
        except BaseException as error:  # noqa: BLE001  the callers get it; the thread goes on
            self._discard_connection()
            if len(jobs) == 1:
                return Batch([(jobs[0], error)], doubtful=True)
        singles = [self._done([job]) for job in jobs]
        return Batch([answer for single in singles for answer in single.answers], doubtful=True)

    def _committed(self, jobs: Sequence[Job]) -> Sequence[tuple[Job, Answer]]:
        connection = self._connected()
        connection.execute("BEGIN IMMEDIATE")
        appends = [job.work for job in jobs if isinstance(job.work, Append)]
        appended = iter(self._appender.write(connection, appends))
        answers: list[tuple[Job, Appended | StreamConflict | None]] = []
        for job in jobs:
            if isinstance(job.work, Append):
                answers.append((job, next(appended)))
            else:
                answers.append((job, job.work(connection)))
        connection.execute("COMMIT")
        return answers

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = self._open_connection()
            self._connection = connection
            self._appender.recover(connection)
        return self._connection

    def _discard_connection(self) -> None:
        """Closing undoes an open transaction; the next one begins with what the file holds."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
