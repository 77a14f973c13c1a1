"""The data directory: one service at a time, and nobody else may look in."""

import fcntl
import logging
import os
import stat
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType

from infrastructure.data_directory.file_system import NETWORK, is_fuse, kind_of
from infrastructure.unusable import Unusable, reason_of

_LOCK_FILE = "service.lock"
_PATIENCE = 15.0
_SAID_AFTER = 1.0
_PAUSE = 0.01

log = logging.getLogger(__name__)


def database_in(directory: Path) -> Path:
    """The one file of the embedded stores."""
    return directory / "labs.sqlite"


def audit_records_in(directory: Path) -> Path:
    """The file of the audit's records, which are made anew where it is missing."""
    return directory / "audit.sqlite"


def count_lab_directories(data_dir: Path) -> int:
    """How many labs left something behind: they witness that there was a log."""
    try:
        with os.scandir(data_dir / "labs") as entries:
            return sum(not entry.name.startswith(".") for entry in entries if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return 0


class DataDirectoryError(Unusable):
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

    @property
    def lock(self) -> int:
        """The descriptor that holds it: whoever inherits it holds the directory too."""
        return self._lock

    @classmethod
    def claim(cls, path: Path, *, kind_of: Callable[[Path], int] = kind_of) -> "DataDirectory":
        """Make the directory if need be (mode 0700) and hold it. The mode of one that was
        there is left as it is, and said when others may look in. `kind_of` tells the kind of
        its file system.

        Raises DataDirectoryInUse or DataDirectoryUnusable, both with a message of one line.
        """
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise DataDirectoryUnusable(path, reason_of(error)) from error
        try:
            _check_access(os.fstat(lock), path)
            _check_file_system(kind_of, path)
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


def _check_access(found: os.stat_result, path: Path) -> None:
    """Whoever owns the directory, or may write to it, can put other files in the place of ours:
    root is trusted with that, and the service's own user."""
    if found.st_uid not in {0, os.geteuid()}:
        owner = f"user {found.st_uid}"
        raise DataDirectoryUnusable(
            path, f"it belongs to {owner}: start the service as {owner}, or name another directory"
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o002:
        raise DataDirectoryUnusable(path, f"everybody may write to it: chmod 700 {path}")
    if mode & 0o066:
        log.warning(
            "others may look into the data directory: chmod 700 it",
            extra={"path": str(path), "mode": f"{mode:04o}"},
        )


def _check_file_system(kind_of: Callable[[Path], int], path: Path) -> None:
    """Locks that another machine does not see keep out no second service, and the log's files are
    mapped into memory, which such systems do not keep the same everywhere. Behind FUSE there may
    be either."""
    try:
        kind = kind_of(path)
    except OSError:
        return  # what cannot be used says so by itself
    if name := NETWORK.get(kind):
        raise DataDirectoryUnusable(
            path,
            f"it is on a network file system ({name}), where locks and memory maps cannot be "
            "relied on: name a directory on a local disk in LAB_DATA_DIR",
        )
    if is_fuse(kind):
        log.warning(
            "the data directory is on a FUSE file system: see that it is local and keeps locks",
            extra={"path": str(path)},
        )


def _hold(lock: int, path: Path) -> None:
    """The kernel drops the lock with the process, however that ends. The directory itself is
    locked, since people remove lock files that look stale; the one here is only for reading."""
    try:
        _lock(lock, path)
        holder = os.open(path / _LOCK_FILE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(holder, 0)
            os.pwrite(holder, str(os.getpid()).encode(), 0)
        finally:
            os.close(holder)
    except BlockingIOError as error:
        named = _holder_of(path)
        raise DataDirectoryInUse(path, named if _runs(named) else _writer(path)) from error
    except OSError as error:
        raise DataDirectoryUnusable(path, reason_of(error)) from error


def _lock(lock: int, path: Path) -> None:
    """What a process that was killed had begun to write is written to its end, and holds the
    directory until then: that is waited for."""
    begun, said = monotonic(), False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = monotonic() - begun
            if _runs(_holder_of(path)) or waited > _PATIENCE:
                raise
            if waited > _SAID_AFTER and not said:
                said = True
                log.warning("waiting for what a killed service still writes: %s", _writer(path))
            sleep(_PAUSE)
        else:
            return


def _runs(holder: str) -> bool:
    return not (holder.isascii() and holder.isdigit()) or Path("/proc", holder).exists()


def _holder_of(path: Path) -> str:
    try:
        return (path / _LOCK_FILE).read_text(errors="replace")[:32].strip() or "unknown"
    except OSError:
        return "unknown"


def _writer(path: Path) -> str:
    """Who keeps the directory of a service that has ended: found by looking at the processes that
    have it open, as far as they may be looked at."""
    wanted = path.resolve()
    for process in Path("/proc").glob("[0-9]*"):
        if process.name != str(os.getpid()) and wanted in _open_in(process):
            return f"{process.name}, which still writes for a service that has ended"
    return f"{_holder_of(path)}, or by what is left of it, of another user or container"


def _open_in(process: Path) -> Collection[Path]:
    found = []
    with suppress(OSError):  # it has ended meanwhile, or is somebody else's
        for descriptor in process.joinpath("fd").iterdir():
            with suppress(OSError):
                found.append(descriptor.readlink())
    return found
