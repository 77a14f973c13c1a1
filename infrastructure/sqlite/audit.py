"""Proves that the stored history is the one that was written, over the bytes in the file."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from infrastructure.codec.proof import Proof
from infrastructure.sqlite.connections import Connect, connect, open_reader
from infrastructure.sqlite.event_rows import AFTER_POSITION, head_of
from infrastructure.sqlite.stored_rows import fetch_chunk
from infrastructure.sqlite.unusable import UnusableDatabase

_CHUNK = 1000


def audit(
    path: Path, progress: Callable[[int, int], None], *, connector: Connect = connect
) -> Proof:
    """Check every event's place and hash along its stream, and that it can be decoded.

    Reads only, beside a running service if need be, up to where the log ends at the start.
    `progress` hears of the position reached and the last one. Raises BrokenChain,
    UndecodableEvent, or UnusableDatabase when there is no such file.
    """
    if not path.is_file():
        raise UnusableDatabase(path, "there is no such file")
    connection = open_reader(path, connector)
    try:
        return _audited(connection, progress)
    except sqlite3.Error as error:
        raise UnusableDatabase(path, str(error)) from error
    finally:
        connection.close()


def _audited(connection: sqlite3.Connection, progress: Callable[[int, int], None]) -> Proof:
    end, proof = head_of(connection), Proof()
    while chunk := fetch_chunk(connection, AFTER_POSITION, (proof.position, end, _CHUNK)):
        for stored in chunk:
            proof.add(stored)
        progress(proof.position, end)
    return proof
