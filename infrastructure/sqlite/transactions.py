"""Works done in one transaction each batch, whatever fails: what the writer does all day."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from infrastructure.sqlite.appender import Append, Appender

ViewWork = Callable[[sqlite3.Connection], Any]
Work = Append | ViewWork
Answer = Any
"""What the work returned, or the error that it met."""

Outcome = tuple[Sequence[Answer], bool]
"""The answers in the order of the works; all of it is on disk, except for errors. And whether
it is doubtful: a transaction failed on the way, so the file may hold more than was answered."""


class Transactions:
    """Does batches of works over one connection, which it opens and opens again.

    No failure is raised: a failed transaction is undone and its works are tried one by one,
    so that one work's trouble is not another's, and the next batch starts afresh.
    """

    def __init__(self, open_connection: Callable[[], sqlite3.Connection]) -> None:
        self._open_connection = open_connection
        self._appender = Appender()
        self._connection: sqlite3.Connection | None = None

    def done(self, works: Sequence[Work]) -> Outcome:
        """Do them, and tell what became of each."""
        try:
            return self._committed(works), False
        except BaseException as error:  # noqa: BLE001  the callers get it; the writer goes on
            self.close()
            if len(works) == 1:
                return [error], True
        return [answer for work in works for answer in self.done([work])[0]], True

    def close(self) -> None:
        """Closing undoes an open transaction; the next one begins with what the file holds."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _committed(self, works: Sequence[Work]) -> Sequence[Answer]:
        connection = self._connected()
        connection.execute("BEGIN IMMEDIATE")
        appends = [work for work in works if isinstance(work, Append)]
        appended = iter(self._appender.write(connection, appends))
        answers = [
            next(appended) if isinstance(work, Append) else work(connection) for work in works
        ]
        connection.execute("COMMIT")
        return answers

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = self._open_connection()
            self._connection = connection
            self._appender.recover(connection)
        return self._connection
