"""Proves that the stored history is the one that was written, over the bytes in the file, and
that everything else in the file is what follows from it."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from infrastructure.codec.proof import Proof
from infrastructure.codec.stored_event import read_stored
from infrastructure.sqlite.event_rows import AFTER_POSITION, EventRow, head_of
from infrastructure.sqlite.judgement import Standing, judge, open_unchanged
from infrastructure.sqlite.log_tip import DamagedRow, LogTip, followed
from infrastructure.sqlite.salvage import damage_of
from infrastructure.sqlite.stored_rows import fetch_rows, to_stored
from infrastructure.sqlite.unusable import UnusableDatabase, described, is_damage
from infrastructure.sqlite.view_proof import ViewProof

_CHUNK = 1000
_COUNT = "SELECT count(*) FROM events WHERE position <= ?"


class BrokenLog(Exception):
    """The file is not what was written, beyond what the chain of one stream can show."""


def audit(path: Path, progress: Callable[[int, int], None], *, log_alone: bool = False) -> Proof:
    """Check every event's place and hash along its stream, and that it can be decoded; the
    whole log against its tip; times, which never fall; the views against what the events give;
    and the pages of the file.

    Changes nothing, beside a running service if need be, up to where the log ends at the start.
    `progress` hears of the position reached and the last one. `log_alone`: the views do not
    matter, nor that there is no tip, as of a copy that was made without one. Raises BrokenChain,
    UndecodableEvent, BrokenLog, or UnusableDatabase when there is no such file.
    """
    if not path.exists():
        raise UnusableDatabase(path, "there is no such file")
    try:
        judgement = judge(path)
        with closing(open_unchanged(path)) as connection:
            found = _Audit(connection, judgement.tip)
            proof = found.run(progress)
        damage = damage_of(path)
    except DamagedRow as error:
        raise BrokenLog(str(error)) from error
    except sqlite3.Error as error:
        raise UnusableDatabase(path, described(error, path)) from error
    without_tip = judgement.standing is Standing.UNWITNESSED and log_alone
    if not judgement.trusted and not without_tip:
        raise BrokenLog(f"the log is {judgement.standing.value}: {judgement.reason}")
    if found.unreadable and not log_alone:
        raise BrokenLog(
            f"the events are what was written, but the views cannot be read ({found.unreadable}); "
            "`labctl rebuild` makes them anew"
        )
    if damage:
        raise BrokenLog(f"the pages of the file are damaged: {damage}")
    if not log_alone and (difference := found.views.difference()):
        raise BrokenLog(f"{difference}; `labctl rebuild` makes the views anew")
    return proof


class _Audit:
    def __init__(self, connection: sqlite3.Connection, tip: LogTip | None) -> None:
        self._connection = connection
        self._known = tip
        self._reached = LogTip()
        self._proof = Proof()
        self.views, self.unreadable = _views_in(connection)

    def run(self, progress: Callable[[int, int], None]) -> Proof:
        end = head_of(self._connection)
        while rows := fetch_rows(
            self._connection, AFTER_POSITION, (self._proof.position, end, _CHUNK)
        ):
            self._take(rows)
            progress(self._proof.position, end)
        [count] = self._connection.execute(_COUNT, (end,)).fetchone()
        if count != self._proof.events:
            raise BrokenLog(f"{count - self._proof.events} events stand at impossible positions")
        return self._proof

    def _take(self, rows: Sequence[EventRow]) -> None:
        for row in rows:
            stored = to_stored(row)
            self._proof.add(stored)
            if row[7] < self._reached.recorded_at:
                raise BrokenLog(f"the event at position {row[0]} is older than the one before")
            self._reached = followed(self._reached, [row])
            self.views.add(read_stored(stored))
            if self._known and row[0] == self._known.position:
                self._hold_against(self._known)

    def _hold_against(self, known: LogTip) -> None:
        if self._reached.running != known.running:
            raise BrokenLog(
                f"the positions or times up to {known.position} are not those that were recorded"
            )


def _views_in(connection: sqlite3.Connection) -> tuple[ViewProof, str]:
    """The views to prove, none where their pages are damaged, and what SQLite says of that."""
    try:
        return ViewProof.over(connection), ""
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return ViewProof(0, {}, {}), str(error)
