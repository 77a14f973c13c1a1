"""What stops a start, or a tool: one root, so that who reports it needs no technology."""

import errno

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Unusable(Exception):
    """A setting, file, port or server cannot be used as it is; the message is one line without
    secrets that says what to do."""


def reason_of(error: OSError) -> str:
    """What is the matter, as a clause, and what to do where that is known."""
    told = error.strerror or str(error)
    if error.errno in _FULL:
        return disk_full(told)
    if error.errno in _FORBIDDEN:
        return disk_forbidden(told)
    return told


def file_trouble(error: OSError) -> str:
    """The same, with the file that it is about where that is known."""
    at = f"{error.filename}: " if error.filename else ""
    return f"{at}{reason_of(error)}"


def disk_full(told: str) -> str:
    """The same of a disk without room, or a quota that is used up; `told` is what said so."""
    return f"the disk is full ({told}): make room"


def disk_forbidden(told: str) -> str:
    """The same of what may not be read or written."""
    return f"it may not be read or written ({told}): see whose it is, and how its disk is mounted"
