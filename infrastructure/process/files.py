"""Where a lab's files are, and the record that lets the next service know the lab again."""

import errno
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, BinaryIO
from uuid import uuid4

import msgspec

from domain.lab_instance.key import LabKey
from infrastructure.process.accounts import NOBODYS, give, give_tree
from infrastructure.process.starters import copy_starters
from infrastructure.templates.definition import TemplateDefinition

_REMOVED = ".removed-"
_UID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_OWNER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOTHING_TO_READ = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.ENXIO}


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
    owner: str = ""
    account: int = NOBODYS
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
        opened = open_plain(self._record)
        if opened is None:
            return None
        try:
            with opened as file:
                record = msgspec.json.decode(file.read(), type=RuntimeRecord)
        except msgspec.DecodeError:
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
        """The token; empty when there is none that can be used."""
        opened = open_plain(self.token)
        if opened is None:
            return ""
        with opened as file, suppress(UnicodeDecodeError):
            return file.read().decode("ascii")
        return ""

    def make(self) -> None:
        """Make the directory of the lab, unless it is there already, and make way for its
        files: what stands in the place of one, and is none, goes."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self.directory.glob("record-*.new"):
            left.unlink()
        for own in (self._record, self.token, self.log):
            make_way(own)

    def fill(self, definition: TemplateDefinition, account: int = NOBODYS) -> None:
        """Make the directories inside, let them belong to the account that the lab runs as,
        and copy in the starter files that are not there yet."""
        for own in (self.work, self.temporary):
            if not own.is_dir():
                own.unlink(missing_ok=True)
            own.mkdir(mode=0o700, exist_ok=True)
            if account != NOBODYS:
                give_tree(own, account)
        if account != NOBODYS:
            give(self.token, account)
        copy_starters(definition, self.work, account)

    def is_complete(self) -> bool:
        """Whether what a running lab needs is still there."""
        return self.work.is_dir() and bool(self.read_token())

    def remove(self) -> bool:
        """Remove everything; whether there was anything."""
        if not self.directory.exists():
            return False
        aside = self.root / f"{_REMOVED}{self.uid}-{uuid4()}"
        self.directory.rename(aside)
        _remove_tree(aside)
        return True


def open_plain(path: Path) -> BinaryIO | None:
    """The file, to be read; None when there is no plain file here that may be read.

    Whatever runs as the same user may have put something else in its place, and a pipe
    would hold up whoever opens it.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _NOTHING_TO_READ:
            return None
        raise
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    return None


def make_way(path: Path) -> None:
    """Remove what is there unless it is a plain file, which can be written or replaced."""
    if path.is_dir() and not path.is_symlink():
        _remove_tree(path)
    elif path.is_symlink() or not path.is_file():
        path.unlink(missing_ok=True)


def is_uid(text: str) -> bool:
    """Whether the text may name a directory of a lab."""
    return _UID.fullmatch(text) is not None


def open_root(data_dir: Path) -> tuple[Path, str]:
    """The directory of all labs, and the mark that its processes carry as its own.

    Makes both if needed, and finishes removals that were interrupted. A mark that was lost
    is the one on the records, so that what runs is still known.
    """
    root = data_dir.absolute() / "labs"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    root = root.resolve()  # a sandbox covers real directories, not links to them
    for left in root.glob(f"{_REMOVED}*"):
        _remove_tree(left)
    owner = _read_owner(root) or _owner_on_record(root) or str(uuid4())
    keep_root(root, owner)
    return root, owner


def keep_root(root: Path, owner: str) -> None:
    """Make the directory and the mark in it again if they are gone."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _read_owner(root) is None:
        fresh = root / f".owner-{uuid4()}"
        fresh.write_text(owner, encoding="ascii")
        fresh.replace(root / ".owner")


def _read_owner(root: Path) -> str | None:
    opened = open_plain(root / ".owner")
    if opened is None:
        return None
    with opened as file:
        text = file.read(100).decode("ascii", errors="replace").strip()
    return text if _OWNER.fullmatch(text) else None


def _owner_on_record(root: Path) -> str:
    records = (LabFiles(root, uid).read_record() for uid in kept_uids(root))
    return next((record.owner for record in records if record and record.owner), "")


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
