"""The data directory: one service at a time, and nobody else may look in."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

_LOCK_FILE = "service.lock"


class DataDirectoryError(Exception):
    """The data directory cannot be used; the message is one line for a person."""


class DataDirectoryInUse(DataDirectoryError):
    """Another service works in the directory."""

    def __init__(self, path: Path, holder: str) -> None:
        self.path = path
        self.holder = holder
        super().__init__(f"data directory {str(path)!r} is in use by process {holder}")


class DataDirectoryUnusable(DataDirectoryError):
    """The directory cannot be made, entered or written."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"data directory {str(path)!r} cannot be used: {reason}")


class DataDirectory:
    """A directory held for this process until it is released or the process ends."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def claim(cls, path: Path) -> "DataDirectory":
        """Make the directory if need be (mode 0700) and hold it.

        Raises DataDirectoryInUse or DataDirectoryUnusable, both with a message of one line.
        """
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.chmod(0o700)
            lock = os.open(path / _LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DataDirectoryUnusable(path, error.strerror or str(error)) from error
        try:
            _hold(lock, path)
        except BaseException:
            os.close(lock)
            raise
        return cls(path, lock)

    def release(self) -> None:
        """Let others have the directory. Repeating it does nothing."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> "DataDirectory":
        return self

    def __exit__(
        self,
        type_: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _hold(lock: int, path: Path) -> None:
    """The kernel drops the lock with the process, however that ends; the pid is for people."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
    except BlockingIOError as error:
        holder = os.pread(lock, 32, 0).decode(errors="replace") or "unknown"
        raise DataDirectoryInUse(path, holder) from error
    except OSError as error:
        raise DataDirectoryUnusable(path, error.strerror or str(error)) from error
