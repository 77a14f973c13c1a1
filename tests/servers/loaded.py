"""`labctl`, started from a process of this run that has its modules loaded.

Loading them takes a second of the processor, the rest of a start a tenth of that. What runs is the
same program in a process of its own, with its own environment and files; that the program on the
PATH starts as well is seen where tests name that one.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parents[2]


class Started:
    """One run of the program, with what `subprocess.Popen` knows of a process."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self._lines = told.makefile("r")
        self.pid = int(self._lines.readline())
        self._status: int | None = None

    def poll(self) -> int | None:
        """Its status when it has ended; the number of a signal is negative."""
        try:
            return self.wait(0)
        except TimeoutError:
            return None

    def wait(self, timeout: float) -> int:
        """Its status, once it has ended. Raises TimeoutError, after that many seconds."""
        if self._status is None:
            poll = select.poll()
            poll.register(self._told, select.POLLIN)
            if not poll.poll(timeout * 1000):
                raise TimeoutError(f"process {self.pid} runs after {timeout} s")
            self._status = int(self._lines.readline())
            self._lines.close()
            self._told.close()
        return self._status

    def send_signal(self, number: signal.Signals) -> None:
        """Does nothing when it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def start_labctl(
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    output: IO[bytes] | None = None,
    errors: IO[bytes],
) -> Started:
    """Start `labctl` with these words, and nothing to read."""
    ours, theirs = socket.socketpair()
    told = {"words": words, "environment": environment, "folder": str(Path.cwd())}
    with theirs, Path(os.devnull).open("r+b") as nothing:
        numbers = [theirs.fileno(), *(f.fileno() for f in (nothing, output or nothing, errors))]
        socket.send_fds(_parent()[0], [json.dumps(told).encode()], numbers)
    return Started(ours)


def end_parent() -> None:
    """End the process that has loaded the program; what it has started goes on. Another one is
    made when the next start is asked for."""
    if _parent.cache_info().currsize:
        asked, process = _parent()
        _parent.cache_clear()
        asked.close()
        process.wait()


@cache
def _parent() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """How the process that has loaded the program is asked, and itself."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.servers.loaded_parent"]
    with theirs:
        process = subprocess.Popen(command, cwd=_ROOT, stdin=theirs.fileno())
    atexit.register(end_parent)
    return ours, process
