"""What stops whoever wants to open the file, and whether that says anything about the file."""

import os
import sqlite3
from pathlib import Path

from infrastructure.unusable import Unusable, disk_forbidden, disk_full, reason_of

_ROOM = 64 * 1024
"""SQLite needs half of it to read a log at all, and does not say so when it is not there."""

_OF_THE_MACHINE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_AUTH,
    }
)
_NOT_PERMITTED = (sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


class UnusableDatabase(Unusable):
    """The file cannot be opened or is not one of ours; the message is one line."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"database {str(path)!r} cannot be used: {reason}")


def is_damage(error: sqlite3.Error) -> bool:
    """Whether it is about what stands in the file; the disk, its room, who may write to it and
    who else does are not."""
    return _code_of(error) not in _OF_THE_MACHINE


def described(error: sqlite3.Error | OSError, *paths: Path) -> str:
    """What is the matter with the files at these paths, as a clause, and what to do where that
    is known."""
    if isinstance(error, OSError):
        return reason_of(error)
    code, told = _code_of(error), str(error)
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and any(map(_is_full, paths))):
        return disk_full(told)
    if code == sqlite3.SQLITE_IOERR:
        return f"its disk fails ({told}): see whether it is full or broken"
    if code in _NOT_PERMITTED:
        return disk_forbidden(told)
    return told


def _code_of(error: sqlite3.Error) -> int:
    """The kind of error, without which one of it; 0 where it is none of SQLite's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_full(path: Path) -> bool:
    try:
        found = os.statvfs(path.parent)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < _ROOM
