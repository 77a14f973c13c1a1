"""When the write-ahead log is folded into the file: what stands only there is lost with it.

A fold without a reset would leave frames behind that a later recovery lays over newer pages, so
the writer itself resets, between two transactions, where it meets nobody but readers.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

from infrastructure.sqlite.beside_writer import BesideWriter
from infrastructure.sqlite.connections import connect
from infrastructure.sqlite.database_files import wal_of

_HEADER = 32
_FRAME_HEADER = 24
_SALT_OF_HEADER = 16
_SALT_OF_FRAME = 8
_SALT = 8
_LOOKED_EVERY = 8  # transactions; looking costs as much as the tip of one
_STEP = 2 * 1024 * 1024
_RESET_AT = 16 * 1024 * 1024


class Foldable(Protocol):
    """Who writes the file."""

    def fold(self, *, whole: bool) -> bool:
        """Move all commits into the file and let the log begin anew, `whole`: as an empty
        file. False when somebody still reads what would go."""
        ...


class Folding:
    """Folds what one writer writes: in the background while the log grows, by the writer
    itself when it has grown, and to the last byte when the writer has nothing to do."""

    def __init__(self, path: Path, writer: Foldable) -> None:
        self._wal = wal_of(path)
        self._writer = writer
        # For speed, decision 28.
        self._copying = BesideWriter(lambda: _copy(path), name="sqlite-checkpoints")
        self._transactions = 0
        self._next_copy = _STEP
        self.wanted = False

    def written(self) -> None:
        """The writer has committed something."""
        self.wanted = True
        self._transactions += 1
        if self._transactions % _LOOKED_EVERY == 0:
            self._look()

    def rest(self) -> None:
        """The writer has nothing to do for the moment."""
        self.wanted = not self._writer.fold(whole=True)

    def stop(self) -> None:
        """Fold no more."""
        self._copying.stop()

    def _look(self) -> None:
        if not reaches(self._wal, _STEP):
            self._next_copy = _STEP
            return
        if reaches(self._wal, self._next_copy):
            self._copying.ask()
            self._next_copy += _STEP
        if reaches(self._wal, _RESET_AT):
            self._writer.fold(whole=False)


def reaches(wal: Path, size: int) -> bool:
    """Whether the frames of the present round reach so far: all of one round carry the salt of
    the header, and the file keeps the frames of earlier ones behind them."""
    try:
        file = os.open(wal, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if os.fstat(file).st_size < size:
            return False
        header = os.pread(file, _HEADER, 0)
        frame = _FRAME_HEADER + int.from_bytes(header[8:12], "big")
        start = _HEADER + (size - _HEADER) // frame * frame
        salt = os.pread(file, _SALT, start + _SALT_OF_FRAME)
    except OSError:
        return False
    finally:
        os.close(file)
    return salt == header[_SALT_OF_HEADER : _SALT_OF_HEADER + _SALT]


def _copy(path: Path) -> None:
    """Passive: nobody waits for it, and a reset that follows has little left to do."""
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def fold(connection: sqlite3.Connection, *, whole: bool) -> bool:
    """See Foldable. Readers are waited for a moment only."""
    mode = "TRUNCATE" if whole else "RESTART"
    connection.execute("PRAGMA busy_timeout = 20")
    try:
        busy, _, _ = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    finally:
        connection.execute("PRAGMA busy_timeout = 5000")
    return not busy
