"""Starts a process that waits to be let go; then it neither ends with this one nor shares a file
with it."""

import fcntl
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress

from infrastructure.process.confinement import (
    ENVIRONMENT_FD,
    GATE_FD,
    OPTIONS_FD,
    SHELL,
    Confinement,
    Lodging,
)

_ABOVE_THE_HANDED = 10
# Reads one line before it becomes the next program; at the end of the pipe it ends instead.
_WAIT = f'read -r _ <&{GATE_FD} && exec "$@" {GATE_FD}<&-'


class Started:
    """The first process of a lab, which does nothing until it is let go. If it never is, since
    this service has died or could not write it down, it ends without having begun."""

    def __init__(self, pid: int, gate: int) -> None:
        self.pid = pid
        self._gate = gate
        self._is_free = False

    def let_go(self) -> None:
        """Let it become the lab. Raises OSError when it is gone."""
        os.write(self._gate, b"\n")
        self._is_free = True

    def close(self) -> None:
        """Keep it or lose it: it goes on if it was let go, and is ended and reaped if not."""
        os.close(self._gate)
        if not self._is_free:
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)


def spawn(
    confinement: Confinement,
    lodging: Lodging,
    command: Sequence[str],
    *,
    outer: Mapping[str, str],
    inner: Mapping[str, str],
) -> Started:
    """Start the command in a session of its own, confined, once it is let go.

    `outer` is the environment of the programs that confine it, `inner` its own. What it
    writes is appended to the lab's log. Raises OSError or ToolMissing.
    """
    words = [SHELL, "-c", _WAIT, "lab", *confinement.words(lodging, command)]
    confinement.open_way(lodging.files)
    options = confinement.options(lodging)
    append = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    with ExitStack() as stack:
        actions: list[tuple[int, ...] | tuple[int, int, str, int, int]] = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(lodging.files.log), append, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
            (os.POSIX_SPAWN_DUP2, _handed(_variables(inner), stack), ENVIRONMENT_FD),
        ]
        if options is not None:
            actions.append((os.POSIX_SPAWN_DUP2, _handed(options, stack), OPTIONS_FD))
        waiting, gate = (_high(end) for end in os.pipe2(os.O_CLOEXEC))
        stack.callback(os.close, waiting)
        actions.append((os.POSIX_SPAWN_DUP2, waiting, GATE_FD))
        try:
            pid = os.posix_spawn(
                SHELL,
                words,
                outer,
                file_actions=actions,
                setsid=True,
                setsigmask=(),
                setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),
            )
        except BaseException:
            os.close(gate)
            raise
        return Started(pid, gate)


def _variables(environment: Mapping[str, str]) -> Sequence[str]:
    return [f"{name}={value}" for name, value in environment.items()]


def _handed(words: Sequence[str], stack: ExitStack) -> int:
    """A descriptor from which the words can be read, each ended by a zero byte."""
    number = _high(os.memfd_create("lab"))
    stack.callback(os.close, number)
    with os.fdopen(number, "wb", closefd=False) as file:
        file.write(b"".join(os.fsencode(word) + b"\0" for word in words))
    os.lseek(number, 0, os.SEEK_SET)
    return number


def _high(descriptor: int) -> int:
    """The same open file under a number that stands in nobody's way."""
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _ABOVE_THE_HANDED)
    finally:
        os.close(descriptor)
