"""`mend`: a whole copy of a log that is damaged, where one can be had. The log stays as it is."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from infrastructure.codec.chain import BrokenChain
from infrastructure.codec.proof import Proof
from infrastructure.data_directory.claim import DataDirectory
from infrastructure.settings import Settings
from infrastructure.sqlite.audit import BrokenLog, audit
from infrastructure.sqlite.connections import connect, prepare_file
from infrastructure.sqlite.database_files import (
    remove_database,
    sync_directory,
    tip_beside,
    wal_of,
)
from infrastructure.sqlite.judgement import judge
from infrastructure.sqlite.log_tip import LogTip
from infrastructure.sqlite.recorded_tip import last_known_tip, replace_tip
from infrastructure.sqlite.salvage import take_over_log
from infrastructure.sqlite.unusable import UnusableDatabase, described, is_damage
from infrastructure.sqlite.wal_mending import with_checksums_of
from infrastructure.unusable import Unusable
from infrastructure.upkeep.adopting import embedded_log
from infrastructure.upkeep.troubles import one_line

_TROUBLES = (sqlite3.Error, OSError, BrokenLog, BrokenChain, UnusableDatabase)
_Way = tuple[str, Callable[[Path], None]]


def mend(settings: Settings, target: Path) -> tuple[Proof, str]:
    """Make the target, which must not exist, a copy of the log that holds all that its tip
    names, proven by the chain; and say by which way. Raises Unusable, having made nothing, when
    there is nothing to mend, no room, or no way to all that was acknowledged; and OSError."""
    path = embedded_log(settings)
    for one in (target, tip_beside(target)):
        if one.exists():
            raise Unusable(f"{str(one)!r} exists: name a file that does not")
    with one_line(), DataDirectory.claim(settings.data_dir):
        judgement = judge(path)
        if judgement.trusted:
            raise Unusable(f"there is nothing to mend: the log is {judgement.standing.value}")
        tip = last_known_tip(path)
        if tip is None or not path.exists():
            raise Unusable(f"the log cannot be mended: {judgement.reason}; restore a backup")
        with TemporaryDirectory(dir=target.parent, prefix=".mending-") as folder:
            for way, prepare in _ways(path):
                found = _tried(Path(folder) / "taken.sqlite", prepare, tip)
                if found is not None:
                    copy, proof = found
                    tip_beside(copy).replace(tip_beside(target))
                    copy.replace(target)
                    sync_directory(target.parent)
                    return proof, way
    raise Unusable(
        f"no way leads to all that was acknowledged ({judgement.reason}): restore a backup"
    )


def _ways(path: Path) -> Iterator[_Way]:
    wal = wal_of(path)

    def as_they_are(taken: Path) -> None:
        shutil.copy(path, taken)
        if wal.exists():
            shutil.copy(wal, wal_of(taken))

    def file_alone(taken: Path) -> None:
        shutil.copy(path, taken)

    def mended_wal(taken: Path) -> None:
        shutil.copy(path, taken)
        wal_of(taken).write_bytes(with_checksums_of(wal) or b"")

    yield "its events alone were taken over", as_they_are
    yield "without its -wal", file_alone
    yield "with the checksums of its -wal made anew", mended_wal


def _tried(taken: Path, prepare: Callable[[Path], None], tip: LogTip) -> tuple[Path, Proof] | None:
    """A new file with the events of these files, if all that the tip names are there."""
    fresh = taken.with_name("fresh.sqlite")
    for file in (taken, fresh):
        remove_database(file)
    try:
        prepare(taken)
        prepare_file(fresh, connect)
        replace_tip(fresh, take_over_log(taken, fresh, tip))
        return fresh, audit(fresh, lambda _position, _end: None, log_alone=True)
    except _TROUBLES as error:
        _require_disk(error, taken)
        return None


def _require_disk(error: Exception, copy: Path) -> None:
    """Raises Unusable where the disk has kept a way from its end: that says nothing about the
    log."""
    cause = error.__cause__ or error
    if isinstance(cause, OSError) or (isinstance(cause, sqlite3.Error) and not is_damage(cause)):
        raise Unusable(f"no copy can be made: {described(cause, copy)}") from error
