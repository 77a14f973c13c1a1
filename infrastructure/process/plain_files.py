"""Files that stand where others may have put something else, opened without being led astray."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

_NOTHING_TO_READ = {
    errno.EACCES,
    errno.EAGAIN,  # its owner holds a lease on it
    errno.EISDIR,
    errno.ELOOP,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.ENXIO,
}
_CAREFULLY = os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_OWNER_ENTERS = 0o700


def open_plain(path: Path, *, flags: int = os.O_RDONLY) -> BinaryIO | None:
    """The file; None when there is no plain file here that may be opened so.

    Whatever runs as the same user may have put something else in its place, and a pipe
    would hold up whoever opens it. May raise OSError.
    """
    try:
        handle = os.open(path, flags | _CAREFULLY)
    except OSError as error:
        if error.errno in _NOTHING_TO_READ:
            return None
        raise
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb" if flags == os.O_RDONLY else "r+b", buffering=0)
    os.close(handle)
    return None


def read_plain(path: Path, *, most: int) -> bytes | None:
    """The first bytes of the file, one more than `most` at most; None as with open_plain."""
    opened = open_plain(path)
    if opened is None:
        return None
    with opened as file:
        return file.read(most + 1)


def is_directory(path: Path) -> bool:
    """Whether there is a directory itself, not a link that leads to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def is_plain(path: Path) -> bool:
    """Whether there is a plain file itself."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def make_way(path: Path) -> None:
    """Let nothing but a plain file be here. A directory is moved aside, within the one it is in,
    since removing it may take for ever. May raise OSError."""
    if is_directory(path):
        path.rename(path.with_name(f".aside-{uuid4()}"))
    elif not is_plain(path):
        with suppress(FileNotFoundError):
            path.unlink()


def enterable(name: str | Path, *, within: int | None = None) -> int:
    """A descriptor of the directory, whose owner may enter it from now on even if a student has
    locked it. `name` is below the open directory `within`. Raises OSError, also for a link."""
    place = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=within)
    try:
        by_number = f"/proc/self/fd/{place}"
        mode = stat.S_IMODE(os.fstat(place).st_mode)
        if mode & _OWNER_ENTERS != _OWNER_ENTERS:
            Path(by_number).chmod(mode | _OWNER_ENTERS)
        return os.open(by_number, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    finally:
        os.close(place)
