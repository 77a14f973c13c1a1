"""How much of the disk a lab's files take, found in pieces.

Whoever has put them there can neither lead the look astray nor make a piece of it long: links are
not followed, and one directory is open at a time, however deep it is.
"""

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from infrastructure.process.plain_files import enterable
from infrastructure.templates.definition import Resources

_BLOCK = 512  # what st_blocks counts in, whatever the file system's own blocks are
_MIB = 1024 * 1024
_NONE_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
_LOOKS_AN_ENTRY = 10
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(slots=True)
class _Level:
    """A directory on the way down: its name in the one above, which one it is, and those in it
    that are still to be looked into."""

    name: str
    place: tuple[int, int]
    inner: list[str] = field(default_factory=list)


class Measurement:
    """The look through one directory, until it is known whether it takes more than the limits
    allow. `looked`: at how many entries so far. `fault`: what it takes too much of, in words;
    empty as long as it does not. To be called from one thread at a time, and to be closed."""

    def __init__(self, directory: Path, limits: Resources) -> None:
        self._directory = directory
        self._limits = limits
        self._at = -1
        self._entries: os._ScandirIterator[str] | None = None
        self._levels: list[_Level] = []
        self._files = 0
        self._blocks = 0
        self._named_twice: set[tuple[int, int]] = set()
        self.looked = 0
        self.fault = ""

    def work(self, entries: int) -> bool:
        """Look at about so many entries; whether it is finished. Allocated blocks count, those of
        a file with several names once; nothing counts where there is no directory. Raises OSError
        when something that is there cannot be looked at."""
        try:
            return self._work(entries)
        except FileNotFoundError:  # the directory itself; elsewhere in it it is no trouble
            return True

    def close(self) -> None:
        """Let go of the directory that is open."""
        if self._entries is not None:
            self._entries.close()
        if self._at >= 0:
            os.close(self._at)
        self._at, self._entries = -1, None

    def _work(self, entries: int) -> bool:
        if self._at < 0:
            self._begin()
        end = self.looked + entries
        while self.looked < end and not self.fault:
            self.looked += 1
            if self._entries is not None:
                self._read(next(self._entries, None))
            elif self._levels[-1].inner:
                self._enter(self._levels[-1].inner.pop())
            elif len(self._levels) > 1:
                self._leave()
            else:
                return True
        return bool(self.fault)

    def _begin(self) -> None:
        self._at = self._top()
        about = os.fstat(self._at)
        self._blocks = about.st_blocks
        self._levels = [_Level("", _place(about))]
        self._entries = os.scandir(self._at)

    def _read(self, entry: os.DirEntry[str] | None) -> None:
        if entry is None:
            self._entries = None  # one that was read to its end has closed itself
            return
        try:
            about = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return
        if stat.S_ISDIR(about.st_mode):
            self._levels[-1].inner.append(entry.name)
        self._count(about)

    def _count(self, about: os.stat_result) -> None:
        self._files += 1
        if self._files > self._limits.disk_entries:
            self.fault = (
                f"its files are more than {self._limits.disk_entries}, "
                "which is resources.diskEntries of its template"
            )
        if about.st_nlink > 1 and not stat.S_ISDIR(about.st_mode):
            if _place(about) in self._named_twice:
                return
            self._named_twice.add(_place(about))
        self._blocks += about.st_blocks
        if self._blocks * _BLOCK > self._limits.disk_mib * _MIB:
            self.fault = (
                f"its files take more than {self._limits.disk_mib} MiB, "
                "which is resources.diskMib of its template"
            )

    def _enter(self, name: str) -> None:
        inner = _opened(name, within=self._at)
        if inner < 0:
            return  # it went, or something else is in its place
        self._levels.append(_Level(name, _place(os.fstat(inner))))
        self._go(inner)
        self._entries = os.scandir(inner)

    def _leave(self) -> None:
        self._levels.pop()
        above = self._above()
        if above is None:
            self._come_back()
        else:
            self._go(above)

    def _above(self) -> int | None:
        """The directory above, if it is the one that was come from."""
        try:
            above = os.open("..", _OPEN, dir_fd=self._at)
        except (FileNotFoundError, PermissionError):
            return None  # this one was removed, or that one locked
        if _place(os.fstat(above)) == self._levels[-1].place:
            return above
        os.close(above)
        return None

    def _come_back(self) -> None:
        """Go down again from the top, as far as the directories are where they were: what was
        moved away meanwhile is left to the next measurement."""
        if self.looked > _LOOKS_AN_ENTRY * self._limits.disk_entries:
            self.fault = "its directories are moved again and again while they are measured"
        self._go(self._top())
        for depth, level in enumerate(self._levels[1:], start=1):
            self.looked += 1
            inner = _opened(level.name, within=self._at)
            if inner < 0 or _place(os.fstat(inner)) != level.place:
                if inner >= 0:
                    os.close(inner)
                del self._levels[depth:]
                return
            self._go(inner)

    def _top(self) -> int:
        top = _opened(self._directory)
        if top < 0:
            raise FileNotFoundError(self._directory)
        return top

    def _go(self, directory: int) -> None:
        os.close(self._at)
        self._at = directory


def _place(about: os.stat_result) -> tuple[int, int]:
    return about.st_dev, about.st_ino


def _opened(name: str | Path, *, within: int | None = None) -> int:
    """A descriptor of the directory, or -1 where there is none by that name. Its mode is changed
    only if its owner may not look into it. Raises OSError."""
    try:
        with suppress(PermissionError):
            found = os.open(name, _OPEN, dir_fd=within)
            if os.access(".", os.X_OK, dir_fd=found):
                return found
            os.close(found)
        return enterable(name, within=within)
    except OSError as error:
        if error.errno in _NONE_THERE:
            return -1
        raise
