"""The writer's process: takes works from its standard input, a socket, until that ends.

It is told to stop by the end of what it reads and by nothing else: a signal for the whole
group of processes reaches the service too, which still has something to write.
"""

import signal
import socket
import sys
from pathlib import Path

from infrastructure.sqlite.background_checkpoints import BackgroundCheckpoints
from infrastructure.sqlite.connections import connect, open_writer
from infrastructure.sqlite.frames import Frames, framed
from infrastructure.sqlite.requests import decode_requests, encode
from infrastructure.sqlite.transactions import Transactions

_PART = 1 << 16  # more costs a mapping of memory each time
_CHECKPOINT_BYTES = 2 * 1024 * 1024


def serve(path: Path, peer: socket.socket) -> None:
    """Do whatever has arrived in one transaction, answer it, and so on."""
    transactions = Transactions(lambda: open_writer(path, connect))
    checkpoints = BackgroundCheckpoints(lambda: connect(path), every=_CHECKPOINT_BYTES)
    frames = Frames()
    while data := peer.recv(_PART):
        requests = [
            request for message in frames.feed(data) for request in decode_requests(message)
        ]
        if requests:
            peer.sendall(framed(encode(transactions.done(requests))))
        checkpoints.committed(len(data))
    checkpoints.stop()
    transactions.close()


def main() -> None:
    """Serve the process that started this one."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=0) as peer:
        serve(Path(sys.argv[1]), peer)


if __name__ == "__main__":
    main()
