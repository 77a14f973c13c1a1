"""Works done in one transaction each batch, whatever fails: what the writer does all day."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from infrastructure.sqlite.appender import Append, Appender
from infrastructure.sqlite.folding import fold
from infrastructure.sqlite.log_tip import LogTip
from infrastructure.sqlite.past_writes import PastMadeUp
from infrastructure.sqlite.requests import (
    Answer,
    BatchOutcome,
    Done,
    NotDone,
    ReadTree,
    WriteRequest,
)
from infrastructure.sqlite.statements import Statements
from infrastructure.sqlite.tip_file import DamagedTip, TipFile
from infrastructure.sqlite.unusable import described
from infrastructure.sqlite.view_writes import ViewWrite

_OF_THE_MACHINE = (sqlite3.Error, OSError, MemoryError, DamagedTip)


class Transactions:
    """Does batches of works over one connection, which it opens and opens again.

    No failure is raised: a failed transaction is undone and its works are tried one by one,
    so that one work's trouble is not another's, and the next batch starts afresh. What is
    answered is on the disk, and the tip names it.
    """

    def __init__(
        self, open_connection: Callable[[], sqlite3.Connection], tip_file: TipFile
    ) -> None:
        self._open_connection = open_connection
        self._tip_file = tip_file
        self._recorded: LogTip | None = None
        self._appender = Appender()
        self._connection: sqlite3.Connection | None = None

    def done(self, requests: Sequence[WriteRequest]) -> BatchOutcome:
        """Do them, and report what became of each."""
        try:
            return BatchOutcome(self._committed(requests), doubtful=False)
        except BaseException as error:  # noqa: BLE001  the callers get it; the writer goes on
            self._disconnect()
            if len(requests) == 1:
                return BatchOutcome([_failed(error, self._tip_file.path)], doubtful=True)
        singles = [answer for request in requests for answer in self.done([request]).answers]
        return BatchOutcome(singles, doubtful=True)

    def fold(self, *, whole: bool) -> bool:
        """See Foldable. What fails is tried again when it is asked for again."""
        if self._connection is None:
            return True
        try:
            return fold(self._connection, whole=whole)
        except sqlite3.Error:
            return False

    def close(self) -> None:
        """Let go of the file and its tip."""
        self._disconnect()
        self._tip_file.close()

    def _disconnect(self) -> None:
        """Closing undoes an open transaction; the next one begins with what the file holds."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _committed(self, requests: Sequence[WriteRequest]) -> Sequence[Answer]:
        connection = self._connected()
        connection.execute("BEGIN IMMEDIATE")
        appends = [request for request in requests if isinstance(request, Append)]
        appended = iter(self._appender.write(connection, appends))
        answers = [
            next(appended) if isinstance(request, Append) else self._other(request, connection)
            for request in requests
        ]
        connection.execute("COMMIT")
        if self._appender.tip is not self._recorded:
            self._tip_file.write(self._appender.tip)
            self._recorded = self._appender.tip
        return answers

    def _other(
        self,
        request: ViewWrite | PastMadeUp | Statements | ReadTree,
        connection: sqlite3.Connection,
    ) -> Answer:
        if isinstance(request, ReadTree):
            return self._appender.tree.head
        return Done(request(connection))

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = self._open_connection()
            self._connection = connection
            self._recorded = self._tip_file.read()
            self._appender.recover(connection, self._recorded or LogTip())
        return self._connection


def _failed(error: BaseException, file: Path) -> NotDone:
    """The file's and the machine's troubles are one to the callers; a bug stays one."""
    bug = isinstance(error, Exception) and not isinstance(error, _OF_THE_MACHINE)
    if isinstance(error, sqlite3.Error | OSError):
        return NotDone(described(error, file), bug=False)
    reason = f"{type(error).__name__}: {error}" if bug else str(error) or type(error).__name__
    return NotDone(reason, bug=bug)
