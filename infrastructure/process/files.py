"""Where a lab's files are, and the record that lets the next service know the lab again."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import msgspec

from domain.lab_instance.key import LabKey
from infrastructure.templates.definition import TemplateDefinition

_REMOVED = ".removed-"
_UID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class RuntimeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One runtime, as it is written down before its process starts (`pid` 0) and after."""

    lab: LabKey
    uid: str
    revision: int
    template: str
    spec_hash: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    isolation: str
    boot_id: str
    pid: int = 0
    start_time: int = 0
    ready: bool = False
    stopped: bool = False


class LabFiles:
    """The files of one lab, below `root`. Every method may raise OSError."""

    def __init__(self, root: Path, uid: str) -> None:
        self.root = root
        self.uid = uid
        self.directory = root / uid
        self.work = self.directory / "work"
        self.temporary = self.directory / "tmp"
        self.log = self.directory / "log"
        self.token = self.directory / "token"
        self._record = self.directory / "record.json"

    def write_record(self, record: RuntimeRecord) -> None:
        """Replace the record as a whole; it is on disk when this returns."""
        fresh = self.directory / f"record-{uuid4()}.new"
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(record))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._record)

    def read_record(self) -> RuntimeRecord | None:
        """The record; None when there is none of this lab that can be read."""
        try:
            record = msgspec.json.decode(self._record.read_bytes(), type=RuntimeRecord)
        except (FileNotFoundError, IsADirectoryError, PermissionError, msgspec.DecodeError):
            return None
        return record if record.uid == self.uid else None

    def write_token(self, token: str) -> None:
        """Keep the token where only this user can read it."""
        with suppress(FileNotFoundError):
            self.token.unlink()
        file = os.open(self.token, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as opened:
            opened.write(token)

    def read_token(self) -> str:
        """The token; empty when there is none."""
        try:
            return self.token.read_text(encoding="ascii")
        except FileNotFoundError:
            return ""

    def make(self) -> None:
        """Make the directory of the lab, unless it is there already."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self.directory.glob("record-*.new"):
            left.unlink()
        if self._record.is_dir():
            _remove_tree(self._record)  # no record could take its place

    def fill(self, definition: TemplateDefinition) -> None:
        """Make the directories inside, and copy in the starter files that are not there yet.

        What a student has put in the place of one, or of a directory above it, stays.
        """
        self.work.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.temporary.mkdir(mode=0o700, exist_ok=True)
        for file in definition.files:
            target = self.work / file.target
            if self._is_free(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(definition.directory / file.source, target)

    def is_complete(self) -> bool:
        """Whether what a running lab needs is still there."""
        return self.work.is_dir() and self.token.is_file()

    def remove(self) -> bool:
        """Remove everything; whether there was anything."""
        if not self.directory.exists():
            return False
        aside = self.root / f"{_REMOVED}{self.uid}-{uuid4()}"
        self.directory.rename(aside)
        _remove_tree(aside)
        return True

    def _is_free(self, target: Path) -> bool:
        # A link set by a student may lead anywhere, also to where only the service may write.
        for above in target.relative_to(self.work).parents:
            place = self.work / above
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                return False
        return not target.is_symlink() and not target.exists()


def is_uid(text: str) -> bool:
    """Whether the text may name a directory of a lab."""
    return _UID.fullmatch(text) is not None


def open_root(data_dir: Path) -> tuple[Path, str]:
    """The directory of all labs, and the id that marks its processes as its own.

    Makes both if needed, and finishes removals that were interrupted.
    """
    root = data_dir.absolute() / "labs"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in root.glob(f"{_REMOVED}*"):
        _remove_tree(left)
    owner = root / ".owner"
    if not owner.exists():
        fresh = root / f".owner-{uuid4()}"
        fresh.write_text(str(uuid4()), encoding="ascii")
        with suppress(FileExistsError):
            owner.hardlink_to(fresh)
        fresh.unlink()
    return root, owner.read_text(encoding="ascii").strip()


def kept_uids(root: Path) -> Iterator[str]:
    """The uid of each lab that has a directory."""
    return (path.name for path in root.iterdir() if is_uid(path.name) and path.is_dir())


def _remove_tree(path: Path) -> None:
    shutil.rmtree(path, onerror=_open_and_retry)


def _open_and_retry(
    function: Callable[[str], object], path: str, _: tuple[object, object, object]
) -> None:
    # Students may lock themselves out of their own directories; the owner may still open them.
    Path(path).parent.chmod(0o700)
    if not Path(path).is_symlink():
        Path(path).chmod(0o700)
    if function in (os.unlink, os.rmdir):
        function(path)
    else:
        shutil.rmtree(path)
