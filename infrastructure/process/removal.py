"""Takes directories away, however deep and however full, in pieces of bounded time.

What is to go is first renamed, so it is never half a lab. Inside, directories are moved up to
the renamed one and emptied there: the way down is never longer than two steps, nothing follows
a link, and what is left to do stands on disk, for this service or the next.
"""

import errno
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import uuid4

from infrastructure.process.files import RECORD, LabFiles, is_uid, read_record
from infrastructure.process.plain_files import enterable, is_directory
from infrastructure.process.record import RuntimeRecord

_LEAVING = re.compile(
    r"\.removed-([A-Za-z0-9][A-Za-z0-9._-]{0,99})-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
_STEPS_AT_LEAST = 64
_STILL_FULL = {errno.ENOTEMPTY, errno.EEXIST}


class NotRemovable(Exception):
    """Something in the directory of a lab cannot be removed, at least now."""

    def __init__(self, directory: Path, reason: str) -> None:
        self.directory = directory
        self.reason = reason or "something is put into it again and again"
        super().__init__(f"{directory} cannot be removed: {self.reason}")


@dataclass(slots=True)
class _Piece:
    """A piece of the work: so much time, but some steps in any case."""

    deadline: float
    steps: int = 0
    moved: bool = False
    fault: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it is time to stop."""
        return self.steps >= _STEPS_AT_LEAST and time.monotonic() >= self.deadline

    @contextmanager
    def step(self) -> Iterator[None]:
        """One step, which fails alone."""
        self.steps += 1
        try:
            yield
        except OSError as error:
            if error.errno not in _STILL_FULL:
                self.fault = _reason(error)
        else:
            self.moved = True


class Removal:
    """The removal of one lab's directories, or of what was set aside under that name. To be
    called from one thread at a time."""

    def __init__(self, root: Path, uid: str) -> None:
        self._root = root
        self._uid = uid
        self._numbers = count()
        self._mark = uuid4().hex
        self.found = False

    def work(self, seconds: float) -> bool:
        """Remove for about so many seconds; whether nothing is left. `found` says whether there
        ever was anything. Raises NotRemovable when a whole round removes nothing, and OSError
        when the directory of all labs cannot be used."""
        piece = _Piece(time.monotonic() + seconds)
        own = self._root / self._uid
        if os.path.lexists(own):
            self.found = True
            own.rename(self._root / f".removed-{self._uid}-{uuid4()}")
        for directory in leaving(self._root, self._uid):
            self.found = True
            if not self._empty(directory, piece):
                return False
        return is_gone(LabFiles(self._root, self._uid))

    def _empty(self, directory: Path, piece: _Piece) -> bool:
        if not is_directory(directory):
            directory.unlink(missing_ok=True)
            return True
        try:
            top = enterable(directory)
        except OSError as error:
            raise NotRemovable(directory, _reason(error)) from error
        try:
            while self._round(top, piece):
                if piece.is_over:
                    return False
                if not piece.moved:
                    raise NotRemovable(directory, piece.fault)
                piece.moved = False
        finally:
            os.close(top)
        return _removed(directory)

    def _round(self, top: int, piece: _Piece) -> bool:
        """Go once through the directory; whether anything was there but the record, which says
        whose it was and therefore goes last."""
        found = False
        with os.scandir(top) as entries:
            for entry in entries:
                if entry.name == RECORD and not entry.is_dir(follow_symlinks=False):
                    continue
                found = True
                if piece.is_over:
                    break
                with piece.step():
                    if entry.is_dir(follow_symlinks=False):
                        self._flatten(entry.name, top, piece)
                    else:
                        os.unlink(entry.name, dir_fd=top)
        return found

    def _flatten(self, name: str, top: int, piece: _Piece) -> None:
        """Remove the files of the directory, move its directories up, remove it when empty."""
        inner = enterable(name, within=top)
        try:
            with os.scandir(inner) as entries:
                for entry in entries:
                    if piece.is_over:
                        return
                    with piece.step():
                        self._move_or_unlink(entry, inner, top)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=top)

    def _move_or_unlink(self, entry: os.DirEntry[str], inner: int, top: int) -> None:
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.name, dir_fd=inner)
            return
        os.close(enterable(entry.name, within=inner))  # a locked one cannot be moved
        higher = f"{self._mark}-{next(self._numbers)}"
        os.rename(entry.name, higher, src_dir_fd=inner, dst_dir_fd=top)


def leaving(root: Path, uid: str = "") -> Iterator[Path]:
    """The directories that are being removed: of that lab, or of all."""
    with os.scandir(root) as entries:
        for entry in entries:
            name = leaving_name(root / entry.name)
            if name and uid in ("", name):
                yield root / entry.name


def leaving_name(path: Path) -> str:
    """What the directory that is being removed was called before; empty if it is none."""
    found = _LEAVING.fullmatch(path.name)
    return "" if found is None else found[1]


def leaving_uids(root: Path) -> dict[str, RuntimeRecord | None]:
    """The labs whose directories are being removed, each with its record if that is left."""
    found: dict[str, RuntimeRecord | None] = {}
    for path in leaving(root):
        uid = leaving_name(path)
        if is_uid(uid):
            found.setdefault(uid, None)
            with suppress(OSError):  # the trouble of that lab, not of the list
                found[uid] = found[uid] or read_record(path, uid)
    return found


def is_gone(files: LabFiles) -> bool:
    """Whether nothing of the lab is on disk, neither in its place nor on its way out."""
    return (
        not os.path.lexists(files.directory) and next(leaving(files.root, files.uid), None) is None
    )


def _removed(directory: Path) -> bool:
    (directory / RECORD).unlink(missing_ok=True)
    try:
        directory.rmdir()
    except OSError as error:
        raise NotRemovable(directory, _reason(error)) from error
    return True


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
