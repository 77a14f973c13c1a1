"""The files of one database: its own, those that SQLite keeps beside it, and the log's tip."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from infrastructure.sqlite.unusable import UnusableDatabase

_SUFFIX = ".sqlite"
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFLNK: "a link",
    stat.S_IFSOCK: "a socket",
}


def wal_of(path: Path) -> Path:
    """The write-ahead log: commits that are not folded into the file yet."""
    return path.with_name(f"{path.name}-wal")


def shm_of(path: Path) -> Path:
    """The index of the write-ahead log, which SQLite makes anew when it is gone."""
    return path.with_name(f"{path.name}-shm")


def tip_beside(path: Path) -> Path:
    """The tip's file of the log in this one. Only the usual suffix gives way to it: what else
    follows a dot, as in `labs.2026-11-28`, tells one copy from another."""
    return path.with_name(f"{path.name.removesuffix(_SUFFIX)}.tip")


def kept_tips_beside(path: Path) -> Path:
    """The file of the tips that are kept for some hours."""
    return tip_beside(path).with_suffix(".tips")


def require_files(path: Path) -> None:
    """Raises UnusableDatabase where one of them is something else, which might be waited for
    without end, and OSError. SQLite follows links to the file and to none that is beside it."""
    for file, follows in (
        (path, True),
        (wal_of(path), False),
        (shm_of(path), False),
        (tip_beside(path), True),
        (kept_tips_beside(path), True),
    ):
        with suppress(FileNotFoundError):
            kind = stat.S_IFMT(file.stat(follow_symlinks=follows).st_mode)
            if kind != stat.S_IFREG:
                found = _KINDS.get(kind, "a device")
                raise UnusableDatabase(path, f"{file.name} is {found} and no file: move it away")


def remove_database(path: Path) -> None:
    """Remove all of them, those that are there. Raises OSError."""
    for file in (
        path,
        wal_of(path),
        shm_of(path),
        tip_beside(path),
        kept_tips_beside(path),
    ):
        file.unlink(missing_ok=True)


def sync_directory(path: Path) -> None:
    """Wait until the names in the directory are on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
