"""The file beside a log that holds its tip.

Two slots, each on a page of its own, are written in turn: whatever is torn, the other is
whole. Written after the commit and before the answer, without waiting for the disk: so it never
names what the log does not hold, and a process that dies loses none of it.
"""

import os
from contextlib import suppress
from pathlib import Path

from infrastructure.sqlite.database_files import sync_directory
from infrastructure.sqlite.log_tip import LogTip
from infrastructure.sqlite.tip_slots import packed, unpacked

_PAGE = 4096
_SLOTS = (0, _PAGE)
_SIZE = len(_SLOTS) * _PAGE


class DamagedTip(Exception):
    """Neither slot can be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is damaged")


class TipFile:
    """The tip on the disk. One writer at a time; anybody may read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1
        self._sequence = 0
        self.written = LogTip()
        """What was written last through this one."""

    def read(self) -> LogTip | None:
        """What was written last; None when there is no file. Raises DamagedTip, OSError."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            content = os.pread(descriptor, _SIZE, 0)
        finally:
            os.close(descriptor)
        slots = [slot for start in _SLOTS if (slot := unpacked(content, start))]
        if not slots:
            raise DamagedTip(self.path)
        self._sequence, tip = max(slots, key=lambda slot: slot[0])
        return tip

    def write(self, tip: LogTip) -> None:
        """Write it, into the slot that is not the newest. Raises OSError."""
        if self._descriptor < 0:
            self._descriptor = self._opened()
        self._sequence += 1
        slot = packed(self._sequence, tip)
        os.pwrite(self._descriptor, slot, _SLOTS[self._sequence % len(_SLOTS)])
        self.written = tip

    def flush(self) -> None:
        """Wait until what was written is on the disk. Raises OSError."""
        if self._descriptor >= 0:
            os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Flush as well as it can be done, and let go of the file."""
        descriptor = self._descriptor
        if descriptor >= 0:
            with suppress(OSError):  # what was written survives this process in any case
                self.flush()
            self._descriptor = -1
            os.close(descriptor)

    def _opened(self) -> int:
        """Both slots have their place on the disk before a write: no later one needs room."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            before = os.fstat(descriptor).st_size
            os.posix_fallocate(descriptor, 0, _SIZE)
            if before < _SIZE:
                os.fsync(descriptor)
                sync_directory(self.path.parent)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor
