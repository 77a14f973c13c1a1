"""A process that has loaded `labctl` and does nothing with it: each time it is asked it forks,
and the child runs the program as if it had been started with those words.

Asked through the socket on its standard input, and ended when that is closed.
"""

import gc
import json
import os
import selectors
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

_MOST_BYTES = 1024 * 1024
_MOST_FILES = 256


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One start: the words, the environment, and where. `files`: to whom its end is told, then
    its standard input, output and error."""

    words: Sequence[str]
    environment: Mapping[str, str]
    folder: str
    files: Sequence[int]


def main() -> None:
    """Load, fork as often as asked, and be the program where the fork is the child."""
    # As `labctl` itself does it; frozen, so that no child's collector copies these pages.
    gc.disable()
    from api.command_line.cli import app  # noqa: PLC0415

    gc.freeze()
    asked = _forked(socket.socket(fileno=sys.stdin.fileno()))
    if asked is not None:
        _become(asked)
        gc.enable()
        app()


def _forked(asking: socket.socket) -> Asked | None:
    """What this process is to be; None where it is still the parent and nobody asks any more."""
    with selectors.DefaultSelector() as selector:
        selector.register(asking, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not asking:
                    selector.unregister(key.fileobj)
                    key.data()
                    continue
                asked = _received(asking)
                if asked is None:
                    return None
                pid = os.fork()
                if pid == 0:
                    return asked
                telling = socket.socket(fileno=asked.files[0])
                for file in asked.files[1:]:
                    os.close(file)
                telling.sendall(f"{pid}\n".encode())
                ended = os.pidfd_open(pid)
                tell = partial(_tell_end, pid, ended, telling)
                selector.register(ended, selectors.EVENT_READ, tell)


def _received(asking: socket.socket) -> Asked | None:
    told, files, _, _ = socket.recv_fds(asking, _MOST_BYTES, 4)
    return Asked(**json.loads(told), files=files) if told else None


def _tell_end(pid: int, ended: int, telling: socket.socket) -> None:
    os.close(ended)
    _, status = os.waitpid(pid, 0)
    with telling:
        telling.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(asked: Asked) -> None:
    """Nothing of the parent's is kept but what it has loaded."""
    for number, file in enumerate(asked.files[1:]):
        os.dup2(file, number)
    os.closerange(3, _MOST_FILES)
    os.environ.clear()
    os.environ.update(asked.environment)
    os.chdir(asked.folder)
    sys.argv = ["labctl", *asked.words]


if __name__ == "__main__":
    main()
