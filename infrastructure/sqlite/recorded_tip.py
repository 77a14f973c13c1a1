"""Opening a log that knows itself: refused when it is not what its tip says, and from then on
with a tip that is up to date."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from infrastructure.sqlite.database_files import (
    kept_tips_beside,
    sync_directory,
    tip_beside,
    wal_of,
)
from infrastructure.sqlite.judgement import Judgement, judge
from infrastructure.sqlite.kept_tips import keep_tip, kept_tips, reach
from infrastructure.sqlite.log_tip import LogTip, caught_up
from infrastructure.sqlite.tip_file import DamagedTip, TipFile
from infrastructure.sqlite.unusable import UnusableDatabase

_MARK = "INSERT OR IGNORE INTO epochs VALUES (0, 1, '', 'a tip is kept from here on', ?)"
_MARKED = "SELECT count(*) FROM epochs"
_WAYS_OUT = (
    "put the right file back, try `labctl mend`, restore a backup with `labctl restore`, or "
    "accept the log as it stands with `labctl adopt`"
)


class DoubtfulLog(UnusableDatabase):
    """The log is not the one that was acknowledged. Nothing was changed."""

    def __init__(self, path: Path, judgement: Judgement, kept: Path | None) -> None:
        self.judgement = judgement
        wal = f", and its -wal is kept as {kept.name}" if kept else ""
        super().__init__(
            path,
            f"the log of events is {judgement.standing.value}: {judgement.reason}. "
            f"Nothing was changed{wal}; {_WAYS_OUT}",
        )


def require_trusted(path: Path, *, labs: int = 0) -> None:
    """Raises DoubtfulLog, having kept a copy of the write-ahead log and changed nothing else;
    and sqlite3.Error, OSError. See `judge` for `labs`."""
    judgement = judge(path, labs=labs)
    if not judgement.trusted:
        raise DoubtfulLog(path, judgement, _keep_wal(path))


def record_tip(connection: sqlite3.Connection, path: Path) -> LogTip:
    """Bring the tip up to where the log ends, on the disk, and note in the file that there is
    one. The first one is never seen half made. Raises sqlite3.Error, OSError."""
    with closing(TipFile(tip_beside(path))) as file:
        known = file.read()
        tip = caught_up(connection, known or LogTip())
        if known is None:
            replace_tip(path, tip)
        elif tip != known:
            file.write(tip)
            file.flush()
    with suppress(OSError):  # a full disk: they are a witness more
        keep_tip(path, tip)
    if connection.execute(_MARKED).fetchone() == (0,):
        connection.execute(_MARK, (tip.recorded_at,))
    return tip


def replace_tip(path: Path, tip: LogTip) -> None:
    """Make this the only tip of the log, in one step, on the disk. Raises OSError."""
    beside = tip_beside(path).with_suffix(".tip-next")
    beside.unlink(missing_ok=True)
    with closing(TipFile(beside)) as file:
        file.write(tip)
        file.flush()
    beside.replace(tip_beside(path))
    sync_directory(path.parent)


def forget_kept_tips(path: Path) -> None:
    """What was acknowledged up to now is no measure any more. Raises OSError."""
    kept_tips_beside(path).unlink(missing_ok=True)


def last_known_tip(path: Path) -> LogTip | None:
    """The furthest tip that is known beside the log, None when there is none that can be read.
    Raises OSError."""
    known = list(kept_tips(path)[:1])
    with suppress(DamagedTip):
        if tip := TipFile(tip_beside(path)).read():
            known.append(tip)
    return max(known, key=reach, default=None)


def _keep_wal(path: Path) -> Path | None:
    """A copy of the write-ahead log, named by its time: repeated starts keep it once, whole."""
    wal = wal_of(path)
    with suppress(OSError):  # then it lies where it was: nobody has opened it for writing
        found = wal.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_size:
            at = datetime.fromtimestamp(found.st_mtime, UTC)
            kept = path.with_name(f"{wal.name}.kept-{at:%Y%m%dT%H%M%SZ}")
            if not os.path.lexists(kept):
                _copy_whole(wal, kept)
            return kept
    return None


def _copy_whole(source: Path, target: Path) -> None:
    """The target has its name when it is whole and on the disk. Raises OSError."""
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        shutil.copy2(source, partial, follow_symlinks=False)
        with partial.open("rb") as copy:
            os.fsync(copy.fileno())
        partial.replace(target)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    sync_directory(target.parent)
