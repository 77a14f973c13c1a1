"""The log taken out of a file whose other parts may be damaged, into a file of its own."""

import sqlite3
from contextlib import closing
from pathlib import Path

from infrastructure.sqlite.connections import connect
from infrastructure.sqlite.judgement import open_unchanged
from infrastructure.sqlite.log_tip import LogTip, gone_on_from
from infrastructure.sqlite.unusable import is_damage

_EVENTS = "INSERT INTO main.events SELECT * FROM damaged.events ORDER BY position"
_CHECK = "PRAGMA integrity_check(1000000)"
_FALSE_ALARM = "NULL value in labels."
"""SQLite 3.40 says so of rows that are right, where a key names the columns in another order."""

_BESIDE_EVENTS = (
    "INSERT OR REPLACE INTO main.epochs SELECT * FROM damaged.epochs",
    "INSERT OR REPLACE INTO main.followers (name, position)"
    " SELECT name, position FROM damaged.followers",
    "INSERT OR REPLACE INTO main.signed_checkpoints SELECT * FROM damaged.signed_checkpoints",
    "UPDATE main.tree_found SET size = (SELECT count(*) FROM main.events)",
)


def damage_of(path: Path) -> str:
    """What SQLite finds wrong with the pages of the file; empty when it finds nothing.
    Raises sqlite3.Error, which says nothing about them, and OSError."""
    try:
        with closing(open_unchanged(path)) as connection:
            for [answer] in connection.execute(_CHECK):
                if answer != "ok" and not answer.startswith(_FALSE_ALARM):
                    return str(answer)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return str(error)
    return ""


def take_over_log(damaged: Path, target: Path, known: LogTip) -> LogTip:
    """Copy the events into the target, which has the tables and no events, in their order and
    by their own pages only: no index and no page of anything else is read. Returns where the
    copy ends, which stands in its file alone, without a -wal. Raises sqlite3.Error, also where
    not all that the known tip names is in it."""
    with closing(connect(target)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("ATTACH ? AS damaged", (f"{damaged.absolute()}",))
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_EVENTS)
        connection.execute("COMMIT")
        for statement in _BESIDE_EVENTS:
            try:
                connection.execute(statement)
            except sqlite3.Error as error:
                if not is_damage(error):
                    raise
                # what was said there can be done without
        connection.execute("DETACH damaged")
        ends = gone_on_from(connection, known)
        if ends is None:
            raise sqlite3.DatabaseError("the log in it is damaged as well: restore a backup")
        _fold(connection)
        return ends


def _fold(connection: sqlite3.Connection) -> None:
    """Closing would fold as well, and say nothing of what kept it from that."""
    [mode] = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    if mode != "delete":
        raise sqlite3.OperationalError("the copy cannot be folded into its file")
