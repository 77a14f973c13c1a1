"""Proves that the stored history is the one that was written, over the bytes in the file."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from application.ports.event_store import EMPTY, Tip
from infrastructure.codec.chain import verify
from infrastructure.codec.stored_event import read_stored
from infrastructure.sqlite.connections import Connect, UnusableDatabase, connect, open_reader
from infrastructure.sqlite.event_rows import AFTER_POSITION, head_of
from infrastructure.sqlite.stored_rows import fetch_chunk

_CHUNK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was found sound: so many events in so many streams, up to this position."""

    events: int
    streams: int
    position: int


def audit(
    path: Path, progress: Callable[[int, int], None], *, connector: Connect = connect
) -> Audit:
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


def _audited(connection: sqlite3.Connection, progress: Callable[[int, int], None]) -> Audit:
    end = head_of(connection)
    tips: dict[str, Tip] = {}
    position = events = 0
    while chunk := fetch_chunk(connection, AFTER_POSITION, (position, end, _CHUNK)):
        for stored in chunk:
            read_stored(stored)
            tips[stored.stream] = verify([stored], after=tips.get(stored.stream, EMPTY))
        events += len(chunk)
        position = chunk[-1].position
        progress(position, end)
    return Audit(events=events, streams=len(tips), position=position)
