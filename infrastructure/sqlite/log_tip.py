"""Where a log ends, and a hash over all of it: what is recorded beside the file, so that a log
that has lost something is not taken for one that is young."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from struct import Struct

import msgspec

from infrastructure.codec.instants import from_microseconds
from infrastructure.sqlite.event_rows import AFTER_POSITION, EventRow, rows_of

_PLACE = Struct("<Qq").pack
LAST = 2**63 - 1
"""No position is beyond this one."""
_CHUNK = 1000


class LogTip(msgspec.Struct, frozen=True, kw_only=True):
    """The log holds `count` events, the last one at `position`, recorded at `recorded_at`
    (microseconds since 1970). `first` and `last` are the hashes of those events as stored,
    `running` is one over position, time and hash of every event; `epoch` counts how often the
    log was accepted after a loss."""

    position: int = 0
    count: int = 0
    recorded_at: int = 0
    epoch: int = 0
    first: str = ""
    last: str = ""
    running: bytes = bytes(32)

    @property
    def moment(self) -> datetime:
        """When the last event was recorded."""
        return from_microseconds(self.recorded_at)


class DamagedRow(sqlite3.DatabaseError):
    """A row of the log holds values that were never written there."""

    def __init__(self, position: object) -> None:
        super().__init__(f"the event at position {position} is damaged")


def followed(tip: LogTip, rows: Sequence[EventRow]) -> LogTip:
    """The tip after these rows as well, which come next. Raises DamagedRow."""
    if not rows:
        return tip
    running = tip.running
    for row in rows:
        try:
            running = sha256(running + _PLACE(row[0], row[7]) + stored_hash(row)).digest()
        except (TypeError, AttributeError, UnicodeError, ValueError) as error:
            raise DamagedRow(row[0]) from error
    last = stored_hash(rows[-1]).decode()
    return LogTip(
        position=rows[-1][0],
        count=tip.count + len(rows),
        recorded_at=rows[-1][7],
        epoch=tip.epoch,
        first=tip.first or stored_hash(rows[0]).decode(),
        last=last,
        running=running,
    )


def caught_up(connection: sqlite3.Connection, tip: LogTip, *, until: int = LAST) -> LogTip:
    """The tip of the log in the file, which goes on from `tip`, up to a position.
    Raises sqlite3.Error."""
    while rows := rows_of(connection, AFTER_POSITION, (tip.position, until, _CHUNK)):
        tip = followed(tip, rows)
    return tip


def gone_on_from(connection: sqlite3.Connection, tip: LogTip) -> LogTip | None:
    """The tip of the log in the file, in the epoch of this one; None unless all that this one
    names is in it. All of it is read. Raises sqlite3.Error."""
    reached = caught_up(connection, LogTip(epoch=tip.epoch), until=tip.position)
    if (reached.position, reached.count, reached.running) != (
        tip.position,
        tip.count,
        tip.running,
    ):
        return None
    return caught_up(connection, reached)


def stored_hash(row: EventRow) -> bytes:
    """The hash of an event as its metadata end with it; they are JSON and `hash` is last."""
    return row[6][-66:-2].encode("ascii")
