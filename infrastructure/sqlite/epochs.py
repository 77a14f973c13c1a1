"""Accepting a log as it stands: a new epoch of it begins."""

import sqlite3
from pathlib import Path

import msgspec

from infrastructure.sqlite.log_tip import LogTip, caught_up
from infrastructure.sqlite.recorded_tip import forget_kept_tips, last_known_tip, replace_tip

_EPOCH_BITS = 40
_LAST_EPOCH = "SELECT coalesce(max(number), 0), coalesce(max(first_position), 1) FROM epochs"
_KNOWS_EPOCHS = "SELECT count(*) FROM sqlite_schema WHERE name = 'epochs'"
_BEGIN = "INSERT INTO epochs VALUES (?, ?, ?, ?, ?)"
_FORGET_DERIVED = (
    "DELETE FROM views",
    "DELETE FROM documents",
    "DELETE FROM lifetimes",
    "DELETE FROM stretches",
    "UPDATE checkpoint SET position = 0, indexed = 0, origin = NULL",
    "DELETE FROM followers",
    "DELETE FROM leases",
    "DELETE FROM tree",
    "UPDATE tree_found SET size = (SELECT count(*) FROM events)",
)


def begin_epoch(connection: sqlite3.Connection, path: Path, *, reason: str, at: int) -> LogTip:
    """Begin a new epoch of the log as it stands: its tip is the tip from now on, what comes next
    has positions that were never given before, and views and followers begin anew.
    Raises sqlite3.Error, OSError."""
    before = last_known_tip(path)
    ends = caught_up(connection, LogTip())
    [epoch, first] = connection.execute(_LAST_EPOCH).fetchone()
    number = max(epoch, before.epoch if before else 0) + 1
    given = max(ends.position, before.position if before else 0, first)
    connection.execute("BEGIN IMMEDIATE")
    first_of_it = max(_next_epoch(given), number << _EPOCH_BITS)
    connection.execute(_BEGIN, (number, first_of_it, ends.last, reason, at))
    for statement in _FORGET_DERIVED:
        connection.execute(statement)
    connection.execute("COMMIT")
    forget_kept_tips(path)
    tip = msgspec.structs.replace(ends, epoch=number)
    replace_tip(path, tip)
    return tip


def epoch_of(connection: sqlite3.Connection) -> int:
    """The epoch that the file knows of; 0 before the first. Raises sqlite3.Error."""
    if connection.execute(_KNOWS_EPOCHS).fetchone() == (0,):
        return 0
    [number, _] = connection.execute(_LAST_EPOCH).fetchone()
    return int(number)


def record_same_epoch(connection: sqlite3.Connection, path: Path) -> LogTip:
    """The log holds all that its tip names: that goes on to where the log ends now.
    Raises sqlite3.Error, OSError."""
    known = last_known_tip(path) or LogTip()
    ends = caught_up(connection, known)
    replace_tip(path, ends)
    return ends


def _next_epoch(given: int) -> int:
    """The next multiple of 2^40: beyond every position of the lost time line, known or not, and
    8,191 of them fit into the numbers that JSON carries exactly."""
    return ((given >> _EPOCH_BITS) + 1) << _EPOCH_BITS
