"""Notices the end of processes without asking again and again, and reaps our own children."""

import asyncio
import os
import signal
from collections.abc import Callable

from infrastructure.process.proc import Process, is_same

_REMEMBERED = 1000


class ExitWatch:
    """Watches processes, children or not, and remembers how the children ended."""

    def __init__(self) -> None:
        self._handles: dict[int, int] = {}
        self._endings: dict[int, str] = {}

    def watch(self, process: Process, when_ended: Callable[[], None]) -> None:
        """Call `when_ended` once, soon after the process ends."""
        if process.pid in self._handles:
            return
        try:
            handle = os.pidfd_open(process.pid)
        except ProcessLookupError:
            when_ended()
            return
        except OSError:
            return  # this is a hint only; whoever looks at the lab sees its end all the same
        self._handles[process.pid] = handle
        asyncio.get_running_loop().add_reader(handle, self._ended, process.pid, when_ended)
        if not is_same(process) and not _is_our_child(process.pid):
            self.forget(process.pid)
            when_ended()

    def forget(self, pid: int) -> None:
        """Watch it no more; reap it if it has ended and is ours. 0 is no process."""
        if not pid:
            return
        handle = self._handles.pop(pid, None)
        if handle is not None:
            asyncio.get_running_loop().remove_reader(handle)
            os.close(handle)
        self._reap(pid)

    def ending_of(self, pid: int) -> str:
        """In words how the process ended; empty when it is not known."""
        self._reap(pid)
        return self._endings.get(pid, "")

    def close(self) -> None:
        """Watch nothing any more."""
        for pid in tuple(self._handles):
            self.forget(pid)

    def _ended(self, pid: int, when_ended: Callable[[], None]) -> None:
        self.forget(pid)
        when_ended()

    def _reap(self, pid: int) -> None:
        try:
            reaped, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return
        if reaped:
            self._endings[pid] = _in_words(os.waitstatus_to_exitcode(status))
            if len(self._endings) > _REMEMBERED:
                del self._endings[next(iter(self._endings))]


def _is_our_child(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


def _in_words(code: int) -> str:
    if code < 0:
        named = {one.value: one.name for one in signal.Signals}
        return f"it was killed by {named.get(-code, f'signal {-code}')}"
    return f"it exited with status {code}"
