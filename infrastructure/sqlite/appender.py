"""Writing waiting appends inside the writer's transaction: checks, repeats, positions, times."""

import sqlite3
from collections.abc import Sequence

import msgspec

from infrastructure.sqlite.event_rows import (
    STREAM_FORWARDS,
    EventRow,
    insert_rows,
    last_before_epoch,
    rows_of,
    versions_of,
)
from infrastructure.sqlite.log_tip import LogTip, caught_up, followed
from infrastructure.sqlite.log_tree import LogTree

NewRow = tuple[bytes, str, str, str]
"""An event's id, type, data and metadata."""


class Append(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The events that shall follow version `expected` of their stream, asked for at `at`,
    in microseconds since 1970."""

    stream: str
    expected: int
    events: Sequence[NewRow]
    at: int


class Appended(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The events were written at `first` and the positions after it, all at `at`."""

    first: int
    at: int


class Repeated(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """They were written before, as these rows."""

    rows: Sequence[EventRow]


class Refused(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """The stream ends at version `actual`, not at `expected`."""

    stream: str
    expected: int
    actual: int


class Appender:
    """Used by the writer only, which is the only one to append: so the next position is known
    without asking the file, and positions rise in the order of commits.

    `tip` is where the log ends, and `tree` is over all of it, once what was written is committed.
    """

    def __init__(self) -> None:
        self.tip = LogTip()
        self.tree = LogTree()
        self._head = 0
        self._last_at = 0

    def recover(self, connection: sqlite3.Connection, tip: LogTip) -> None:
        """Learn from the file where it ends, which is at `tip` or later: at the start, and
        after a failed transaction."""
        self.tip = caught_up(connection, tip)
        self.tree = LogTree.caught_up(connection)
        self._head = max(self.tip.position, last_before_epoch(connection))
        self._last_at = self.tip.recorded_at

    def write(
        self, connection: sqlite3.Connection, appends: Sequence[Append]
    ) -> Sequence[Appended | Repeated | Refused]:
        """Write what fits, in order, and answer each. Not durable before the commit."""
        if not appends:
            return ()
        tips = versions_of(connection, {append.stream for append in appends})
        rows: list[EventRow] = []
        written: list[EventRow] = []
        answers: list[Appended | Repeated | Refused] = []
        for append in appends:
            actual = tips[append.stream]
            if actual == append.expected:
                answers.append(self._numbered(append, rows))
                tips[append.stream] = actual + len(append.events)
            else:
                insert_rows(connection, rows)
                written += rows
                rows.clear()
                answers.append(_repeated(connection, append, actual))
        insert_rows(connection, rows)
        written += rows
        self.tip = followed(self.tip, written)
        self.tree.follow(written)
        self.tree.write(connection)
        return answers

    def _numbered(self, append: Append, rows: list[EventRow]) -> Appended:
        self._last_at = max(self._last_at, append.at)
        first = self._head + 1
        for version, (id_, type_, data, metadata) in enumerate(append.events, append.expected + 1):
            self._head += 1
            place = (self._head, append.stream, version)
            rows.append((*place, id_, type_, data, metadata, self._last_at))
        return Appended(first, self._last_at)


def _repeated(connection: sqlite3.Connection, append: Append, actual: int) -> Repeated | Refused:
    """The result of the earlier append when every id is that of the event at its place."""
    wanted = (append.stream, append.expected + 1, len(append.events))
    stored = rows_of(connection, STREAM_FORWARDS, wanted)
    if [row[3] for row in stored] != [event[0] for event in append.events]:
        return Refused(append.stream, append.expected, actual)
    return Repeated(stored)
