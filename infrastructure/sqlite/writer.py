"""The one who writes: it commits everything that waits in one transaction."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Protocol

import msgspec

from infrastructure.codec.chain import SealedEvent
from infrastructure.sqlite.requests import BatchOutcome, WriteRequest
from infrastructure.sqlite.tip_file import TipFile
from infrastructure.sqlite.transactions import Transactions

# For speed, decision 20.
MOST_AT_ONCE = 1024


class Job(msgspec.Struct, frozen=True):
    """Something to write, who waits for it, and the events of an append as they were made."""

    request: WriteRequest
    waiter: asyncio.Future[Any]
    sealed: Sequence[SealedEvent] = ()


class Batch(msgspec.Struct, frozen=True):
    """Jobs and what became of them, in the same order."""

    jobs: Sequence[Job]
    outcome: BatchOutcome


Deliver = Callable[[Batch], None]


class Writer(Protocol):
    """Takes jobs and has their answers delivered in the same order, on the loop's thread.

    Every job is answered, by an error if need be; one that seemed to hang may be answered again
    when it has been done after all. Only one writer works on a file.
    """

    def submit(self, job: Job) -> None:
        """Let the job be done; its answer comes with a batch."""
        ...

    async def stop(self) -> None:
        """Do what was submitted before and deliver the answers, then end; or end without, when
        the disk takes too long."""
        ...


class ThreadWriter:
    """The Writer contract in a thread of this process."""

    def __init__(
        self, open_connection: Callable[[], sqlite3.Connection], tip: TipFile, deliver: Deliver
    ) -> None:
        self._transactions = Transactions(open_connection, tip)
        self._deliver = deliver
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        self._queue.put(job)

    async def stop(self) -> None:
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        running = True
        while running:
            jobs, running = self._waiting_jobs()
            if jobs:
                batch = Batch(jobs, self._transactions.done([job.request for job in jobs]))
                with suppress(RuntimeError):  # a loop that is gone has nobody waiting
                    jobs[0].waiter.get_loop().call_soon_threadsafe(self._deliver, batch)
        self._transactions.close()

    def _waiting_jobs(self) -> tuple[Sequence[Job], bool]:
        jobs: list[Job] = []
        job = self._queue.get()
        with suppress(Empty):
            while job is not None:
                jobs.append(job)
                if len(jobs) == MOST_AT_ONCE:
                    break
                job = self._queue.get_nowait()
        return jobs, job is not None
