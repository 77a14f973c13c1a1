"""Starts a process that neither ends with this one nor shares a file with it."""

import fcntl
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from infrastructure.process.confinement import (
    ENVIRONMENT_FD,
    OPTIONS_FD,
    Confinement,
    Lodging,
)

_ABOVE_THE_HANDED = 10


def spawn(
    confinement: Confinement,
    lodging: Lodging,
    command: Sequence[str],
    *,
    outer: Mapping[str, str],
    inner: Mapping[str, str],
) -> int:
    """Start the command in a session of its own, confined, and return its number.

    `outer` is the environment of the programs that confine it, `inner` its own. What it
    writes is appended to the lab's log. Raises OSError or ToolMissing.
    """
    words = list(confinement.words(lodging, command))
    options = confinement.options(lodging)
    variables = [f"{name}={value}" for name, value in inner.items()]
    append = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    with ExitStack() as stack:
        actions: list[tuple[int, ...] | tuple[int, int, str, int, int]] = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(lodging.files.log), append, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
            (os.POSIX_SPAWN_DUP2, _handed(variables, stack), ENVIRONMENT_FD),
        ]
        if options is not None:
            actions.append((os.POSIX_SPAWN_DUP2, _handed(options, stack), OPTIONS_FD))
        return os.posix_spawn(
            words[0],
            words,
            outer,
            file_actions=actions,
            setsid=True,
            setsigmask=(),
            setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),
        )


def _handed(words: Sequence[str], stack: ExitStack) -> int:
    """A descriptor from which the words can be read, each ended by a zero byte."""
    made = os.memfd_create("lab")
    try:
        number = fcntl.fcntl(made, fcntl.F_DUPFD_CLOEXEC, _ABOVE_THE_HANDED)
    finally:
        os.close(made)
    stack.callback(os.close, number)
    with os.fdopen(number, "wb", closefd=False) as file:
        file.write(b"".join(os.fsencode(word) + b"\0" for word in words))
    os.lseek(number, 0, os.SEEK_SET)
    return number
