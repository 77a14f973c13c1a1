"""The writer as a process of its own, so that it and the event loop do not take turns.

In a thread it shares the interpreter's lock with the loop: while one works the other waits,
although there are more processors than one.
"""

import asyncio
import logging
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from infrastructure.sqlite.frames import Frames, framed
from infrastructure.sqlite.transactions import Answer
from infrastructure.sqlite.writer import Batch, Deliver, Job

_PART = 1 << 20
_MANY = 16  # enough to keep the process busy while the loop makes the next
_log = logging.getLogger(__name__)


class WriterLost(OSError):
    """The writer's process ended before it answered; what it was asked may be written."""

    def __init__(self) -> None:
        super().__init__("the process that writes has ended; it is started again")


class ProcessWriter:
    """The Writer contract. A process that is lost is started again by the next job.

    `held` is a descriptor that the process keeps open, so that a lock on it is not free while
    something may still be written.
    """

    def __init__(self, path: Path, deliver: Deliver, *, held: int | None = None) -> None:
        self._path = path
        self._deliver = deliver
        self._held = () if held is None else (held,)
        self._loop = asyncio.get_running_loop()
        self._unsent: list[Job] = []
        self._asked: deque[Job] = deque()
        self._outgoing = bytearray()
        self._frames = Frames()
        self._stopping: asyncio.Future[None] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def submit(self, job: Job) -> None:
        """See Writer. Jobs go together: those of one turn of the loop, or, while the process
        is busy, those that come until it has answered, unless they become many."""
        self._unsent.append(job)
        if len(self._unsent) >= _MANY:
            self._hand_over()
        elif len(self._unsent) == 1 and not self._asked:
            self._loop.call_soon(self._hand_over)

    async def stop(self) -> None:
        """See Writer."""
        self._hand_over()
        if self._process is None:
            return
        self._stopping = self._loop.create_future()
        self._send()
        await self._stopping

    def _start(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own module
                [sys.executable, "-m", "infrastructure.sqlite.writer_child", str(self._path)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                pass_fds=self._held,
            )
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket, self._receive)

    def _hand_over(self) -> None:
        jobs, self._unsent = self._unsent, []
        if not jobs:
            return
        try:
            if self._process is None:
                self._start()
        except OSError as error:
            self._deliver(Batch([(job, error) for job in jobs], doubtful=False))
            return
        self._asked.extend(jobs)
        self._outgoing += framed([job.work for job in jobs])
        self._send()

    def _send(self) -> None:
        with suppress(BlockingIOError, ConnectionError):
            while self._outgoing:
                del self._outgoing[: self._socket.send(self._outgoing)]
        if self._outgoing:
            self._loop.add_writer(self._socket, self._send)
            return
        self._loop.remove_writer(self._socket)
        if self._stopping is not None:
            self._socket.shutdown(socket.SHUT_WR)

    def _receive(self) -> None:
        data = b""
        with suppress(ConnectionError):
            data = self._socket.recv(_PART)
        for answers, doubtful in self._frames.feed(data):
            self._answer(answers, doubtful=doubtful)
        if not data:
            self._ended()
        if not self._asked:
            self._hand_over()

    def _answer(self, answers: Sequence[Answer], *, doubtful: bool) -> None:
        self._deliver(Batch([(self._asked.popleft(), one) for one in answers], doubtful))

    def _ended(self) -> None:
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._outgoing.clear()
        self._frames = Frames()
        if self._asked:
            _log.error("the process that writes has ended")
            self._answer([WriterLost()] * len(self._asked), doubtful=True)
        if self._stopping is not None:
            self._stopping.set_result(None)
