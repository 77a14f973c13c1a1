"""The writer's process: takes works from its standard input, a socket, until that ends.

It is told to stop by the end of what it reads and by nothing else: a signal for the whole
group of processes reaches the service too, which still has something to write.
"""

import signal
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any

from infrastructure.sqlite.connections import connect, open_writer
from infrastructure.sqlite.frames import Frames, framed
from infrastructure.sqlite.transactions import Transactions

_PART = 1 << 20
_KNOWN = (sqlite3.Error, OSError, MemoryError)


def serve(path: Path, peer: socket.socket) -> None:
    """Do whatever has arrived in one transaction, answer it, and so on."""
    transactions = Transactions(lambda: open_writer(path, connect))
    frames = Frames()
    while data := peer.recv(_PART):
        works: list[Any] = [work for message in frames.feed(data) for work in message]
        if works:
            answers, doubtful = transactions.done(works)
            peer.sendall(framed(([_tellable(one) for one in answers], doubtful)))
    transactions.close()


def _tellable(answer: Any) -> Any:
    """An error of a kind that the other process knows too."""
    if not isinstance(answer, BaseException) or isinstance(answer, _KNOWN):
        return answer
    return RuntimeError(f"{type(answer).__name__}: {answer}")


def main() -> None:
    """Serve the process that started this one."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=0) as peer:
        serve(Path(sys.argv[1]), peer)


if __name__ == "__main__":
    main()
