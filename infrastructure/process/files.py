"""Where a lab's files are. What a student can reach is read as a stranger's."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import msgspec

from infrastructure.process.accounts import NOBODYS, give, give_tree
from infrastructure.process.plain_files import (
    enterable,
    is_directory,
    make_way,
    read_plain,
)
from infrastructure.process.record import MOST_BYTES, RuntimeRecord, decode
from infrastructure.process.starter import place_starter_files
from infrastructure.templates.definition import TemplateDefinition

RECORD = "record.json"

_UID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_OWNER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TOKEN = re.compile(r"[!-~]{1,512}")
_LONGEST_TOKEN = 512
_LONGEST_OWNER = 100


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
        self._record = self.directory / RECORD

    def write_record(self, record: RuntimeRecord) -> None:
        """Replace the record as a whole; it is on disk when this returns."""
        fresh = self.directory / f"record-{uuid4()}.new"
        with fresh.open("xb") as file:
            file.write(msgspec.json.encode(record))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._record)

    def read_record(self) -> RuntimeRecord | None:
        """The record; None when there is none of this lab that can be read."""
        return read_record(self.directory, self.uid)

    def write_token(self, token: str) -> None:
        """Keep the token where only this user can read it."""
        with suppress(FileNotFoundError):
            self.token.unlink()
        file = os.open(self.token, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as opened:
            opened.write(token)

    def read_token(self) -> str:
        """The token; empty when there is none that can be used."""
        content = read_plain(self.token, most=_LONGEST_TOKEN)
        text = "" if content is None else content.decode("ascii", errors="replace")
        return text if _TOKEN.fullmatch(text) else ""

    def make(self) -> None:
        """Make the directory of the lab, unless it is there already, and make way for its
        files: what stands in the place of one, and is none, goes."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self.directory.glob("*-*.new"):
            make_way(left)
            left.unlink(missing_ok=True)
        for own in (self._record, self.token, self.log):
            make_way(own)

    def fill(self, definition: TemplateDefinition, account: int = NOBODYS) -> None:
        """Make the directories inside, open to their owner, let them and the token belong to the
        account that the lab runs as, and copy in the starter files that are not there yet.
        Raises RuntimeRefused for a template whose files cannot be used."""
        for own in (self.work, self.temporary):
            if not is_directory(own):
                own.unlink(missing_ok=True)
                own.mkdir(mode=0o700)
            os.close(enterable(own))
            if account != NOBODYS:
                give_tree(own, account)
        if account != NOBODYS:
            give(self.token, account)
        place_starter_files(definition, self.work, account)

    def is_complete(self) -> bool:
        """Whether what a running lab needs is still there."""
        return is_directory(self.work) and bool(self.read_token())


def read_record(directory: Path, uid: str) -> RuntimeRecord | None:
    """The record in the directory; None when there is none of that lab that can be read."""
    content = read_plain(directory / RECORD, most=MOST_BYTES)
    record = None if content is None else decode(content)
    return record if record is not None and record.uid == uid else None


def is_uid(text: str) -> bool:
    """Whether the text may name a directory of a lab."""
    return _UID.fullmatch(text) is not None


def open_root(data_dir: Path) -> tuple[Path, str]:
    """The directory of all labs, and the mark that is this service's own.

    Makes both if needed. A mark that was lost is the one on the records, so that what runs is
    still known. What is being removed is left to later: it may be large.
    """
    root = data_dir.absolute() / "labs"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    root = root.resolve()  # a sandbox covers real directories, not links to them
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


def places_aside(data_dir: Path, root: Path) -> tuple[Path, Path]:
    """Where labs are set aside: in the data directory, or beside the labs where these are on
    another file system."""
    return data_dir / "aside" / "labs", root / ".aside"


def kept_uids(root: Path) -> Iterator[str]:
    """The uid of each lab that has a directory."""
    with os.scandir(root) as entries:
        for entry in entries:
            if is_uid(entry.name) and entry.is_dir(follow_symlinks=False):
                yield entry.name


def _read_owner(root: Path) -> str | None:
    content = read_plain(root / ".owner", most=_LONGEST_OWNER)
    text = "" if content is None else content.decode("ascii", errors="replace").strip()
    return text if _OWNER.fullmatch(text) else None


def _owner_on_record(root: Path) -> str:
    records = (LabFiles(root, uid).read_record() for uid in kept_uids(root))
    owners = (record.owner for record in records if record is not None)
    return next((owner for owner in owners if _OWNER.fullmatch(owner)), "")
