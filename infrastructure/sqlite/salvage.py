"""The log taken out of a file whose other parts may be damaged, into a file of its own."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from infrastructure.sqlite.connections import connect
from infrastructure.sqlite.judgement import open_unchanged
from infrastructure.sqlite.log_tip import LogTip, caught_up

_EVENTS = "INSERT INTO main.events SELECT * FROM damaged.events ORDER BY position"
_CHECK = "PRAGMA integrity_check(1000000)"
_FALSE_ALARM = "NULL value in labels."
"""SQLite 3.40 says so of rows that are right, where a key names the columns in another order."""

_BESIDE_EVENTS = (
    "INSERT OR REPLACE INTO main.epochs SELECT * FROM damaged.epochs",
    "INSERT OR REPLACE INTO main.followers (name, position)"
    " SELECT name, position FROM damaged.followers",
)


def damage_of(path: Path) -> str:
    """What SQLite finds wrong with the pages of the file; empty when it finds nothing."""
    try:
        with closing(open_unchanged(path)) as connection:
            for [answer] in connection.execute(_CHECK):
                if answer != "ok" and not answer.startswith(_FALSE_ALARM):
                    return str(answer)
    except sqlite3.Error as error:
        return str(error)
    return ""


def take_over_log(damaged: Path, target: Path) -> LogTip:
    """Copy the events into the target, which has the tables and no events, in their order and
    by their own pages only: no index and no page of anything else is read. Returns where the
    copy ends. Raises sqlite3.Error."""
    with closing(connect(target)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("ATTACH ? AS damaged", (f"{damaged.absolute()}",))
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_EVENTS)
        connection.execute("COMMIT")
        for statement in _BESIDE_EVENTS:
            with suppress(sqlite3.DatabaseError):  # what they say can be done without
                connection.execute(statement)
        connection.execute("DETACH damaged")
        return caught_up(connection, LogTip())
