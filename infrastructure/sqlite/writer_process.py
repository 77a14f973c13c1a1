"""The writer as a process of its own, so that it and the event loop do not take turns.

In a thread it shares the interpreter's lock with the loop: while one works the other waits,
although there are more processors than one (decision 26).
"""

import asyncio
import logging
import socket
import subprocess
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path

from infrastructure.sqlite.frames import Frames, framed
from infrastructure.sqlite.requests import BatchOutcome, NotDone, decode_outcome, encode
from infrastructure.sqlite.writer import Batch, Deliver, Job

_PART = 1 << 16  # more costs a mapping of memory each time
_MANY = 16  # enough to keep the process busy while the loop makes the next
_LOOKS = 4  # in vain, before nobody waits any more
_LOST = NotDone("the process that writes has ended; it is started again", bug=False)
_SILENT = NotDone("the process that writes does not answer: its disk hangs, or it does", bug=False)
_log = logging.getLogger(__name__)


class ProcessWriter:
    """The Writer contract. A process that is lost is started again by the next job.

    One that has said nothing for `patience` seconds is waited for by nobody: what it was asked
    is in doubt, and further jobs are refused until it answers. After four times as long it is
    killed. Time in which this process itself did not run does not count.

    `held` is a descriptor that the process keeps open, so that a lock on it is not free while
    something may still be written.
    """

    def __init__(
        self, path: Path, deliver: Deliver, *, held: int | None = None, patience: float = 10.0
    ) -> None:
        self._path = path
        self._deliver = deliver
        self._held = () if held is None else (held,)
        self._loop = asyncio.get_running_loop()
        self._unsent: list[Job] = []
        self._asked: deque[Job] = deque()
        self._outgoing = bytearray()
        self._frames = Frames()
        self._patience = patience
        self._silent = 0
        self._watch: asyncio.TimerHandle | None = None
        self._stopping: asyncio.Future[None] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def submit(self, job: Job) -> None:
        """See Writer. Jobs go together until a turn of the loop brings no more, or there are
        many: each message wakes the process, and each batch waits for the disk."""
        self._unsent.append(job)
        if len(self._unsent) >= _MANY:
            self._hand_over()
        elif len(self._unsent) == 1:
            self._loop.call_soon(self._hand_over_when_calm, 1)

    async def stop(self) -> None:
        self._hand_over()
        if self._process is None:
            return
        self._stopping = self._loop.create_future()
        self._send()
        hangs = self._silent >= _LOOKS
        patience = self._patience / _LOOKS if hangs else self._patience
        _, late = await asyncio.wait([self._stopping], timeout=patience)
        if late and self._process is not None:
            self._process.kill()
            _, late = await asyncio.wait([self._stopping], timeout=self._patience / 4)
        if late:
            self._let_go()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603  our own module
                    [sys.executable, "-m", "infrastructure.sqlite.writer_child", str(self._path)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    pass_fds=self._held,
                )
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        self._socket = ours
        self._loop.add_reader(ours, self._receive)

    def _hand_over(self) -> None:
        jobs, self._unsent = self._unsent, []
        if not jobs:
            return
        if self._silent >= _LOOKS:
            self._deliver(Batch(jobs, BatchOutcome([_SILENT] * len(jobs), doubtful=False)))
            return
        try:
            if self._process is None:
                self._start()
        except OSError as error:
            failed = NotDone(f"its process cannot be started: {error.strerror}", bug=False)
            self._deliver(Batch(jobs, BatchOutcome([failed] * len(jobs), doubtful=False)))
            return
        self._asked.extend(jobs)
        self._outgoing += framed(encode([job.request for job in jobs]))
        if self._watch is None:
            self._watch = self._loop.call_later(self._patience / _LOOKS, self._look)
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
            with suppress(OSError):  # it is gone already, which is noticed by reading
                self._socket.shutdown(socket.SHUT_WR)

    def _receive(self) -> None:
        data = b""
        with suppress(ConnectionError):
            data = self._socket.recv(_PART)
        for message in self._frames.feed(data):
            self._answer(decode_outcome(message))
        if not data:
            self._ended()

    def _hand_over_when_calm(self, before: int) -> None:
        now = len(self._unsent)
        if now > before:
            self._loop.call_soon(self._hand_over_when_calm, now)
        else:
            self._hand_over()

    def _look(self) -> None:
        """Whether anything was answered since the last look, if anything was asked."""
        self._watch = None
        if not self._asked:
            self._silent = 0
            return
        self._silent += 1
        if self._silent == _LOOKS:
            _log.error("the process that writes does not answer")
            outcome = BatchOutcome([_SILENT] * len(self._asked), doubtful=True)
            self._deliver(Batch(list(self._asked), outcome))
        elif self._silent == 4 * _LOOKS and self._process is not None:
            self._process.kill()
        self._watch = self._loop.call_later(self._patience / _LOOKS, self._look)

    def _answer(self, outcome: BatchOutcome) -> None:
        self._silent = 0
        jobs = [self._asked.popleft() for _ in outcome.answers]
        self._deliver(Batch(jobs, outcome))

    def _let_go(self) -> None:
        """Have nothing to do with the process any more."""
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _ended(self) -> None:
        self._let_go()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._outgoing.clear()
        self._frames = Frames()
        if self._asked:
            _log.error("the process that writes has ended")
            self._answer(BatchOutcome([_LOST] * len(self._asked), doubtful=True))
        self._silent = 0
        if self._stopping is not None:
            self._stopping.set_result(None)
