"""The writer's process: takes works from its standard input, a socket, until that ends.

It is stopped by the end of what it reads and by nothing else: a signal for the whole
group of processes reaches the service too, which still has something to write.
"""

import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

from infrastructure.sqlite.beside_writer import BesideWriter
from infrastructure.sqlite.connections import connect, open_writer
from infrastructure.sqlite.database_files import tip_beside
from infrastructure.sqlite.folding import Folding
from infrastructure.sqlite.frames import Frames, framed
from infrastructure.sqlite.kept_tips import keep_tip
from infrastructure.sqlite.requests import decode_requests, encode
from infrastructure.sqlite.tip_file import TipFile
from infrastructure.sqlite.transactions import Transactions

_PART = 1 << 16  # more costs a mapping of memory each time
_QUIET = 0.2
_FLUSH_PAUSE = 1.0


def serve(path: Path, peer: socket.socket) -> None:
    """Do whatever has arrived in one transaction, answer it, and so on."""
    tip_file = TipFile(tip_beside(path))
    transactions = Transactions(lambda: open_writer(path, connect), tip_file)
    folding = Folding(path, transactions)
    tips = BesideWriter(lambda: _settle(tip_file, path), name="tip-flushes", pause=_FLUSH_PAUSE)
    frames = Frames()
    with suppress(ConnectionError):  # the service was killed: nobody waits for an answer
        while data := _received(peer, folding):
            requests = [
                request for message in frames.feed(data) for request in decode_requests(message)
            ]
            if requests:
                peer.sendall(framed(encode(transactions.done(requests))))
                tips.ask()
                folding.written()
    folding.stop()
    tips.stop()
    with suppress(OSError):
        keep_tip(path, tip_file.written)
    transactions.close()


def _settle(tip_file: TipFile, path: Path) -> None:
    """The tip reaches the disk, and is the last one of its hour for now."""
    tip_file.flush()
    keep_tip(path, tip_file.written)


def _received(peer: socket.socket, folding: Folding) -> bytes:
    """What has come; the writer rests as soon as nothing does."""
    while folding.wanted and not select.select([peer], [], [], _QUIET)[0]:
        folding.rest()
    return peer.recv(_PART)


def main() -> None:
    """Serve the process that started this one."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=0) as peer:
        serve(Path(sys.argv[1]), peer)


if __name__ == "__main__":
    main()
