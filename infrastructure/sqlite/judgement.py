"""Whether the log in a file is the one that was acknowledged: judged before anything is written
or folded away, from the file as it lies there and the tip beside it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from enum import Enum
from pathlib import Path

import msgspec

from infrastructure.sqlite import schema
from infrastructure.sqlite.database_files import require_files, tip_beside, wal_of
from infrastructure.sqlite.kept_tips import kept_tips, reach
from infrastructure.sqlite.log_tip import LogTip
from infrastructure.sqlite.tip_file import DamagedTip, TipFile
from infrastructure.sqlite.unusable import UnusableDatabase, described, is_damage

_CHECKED_WHOLE = 100 * 1024 * 1024
_PLACE = "SELECT substr(metadata, -66, 64) FROM events WHERE position = ?"
_FIRST = "SELECT substr(metadata, -66, 64) FROM events ORDER BY position LIMIT 1"
_HEAD = "SELECT coalesce(max(position), 0) FROM events"
_COUNT = "SELECT count(*) FROM events WHERE position <= ?"
_MARKED = "SELECT count(*) FROM sqlite_schema WHERE name = 'epochs'"


class Standing(Enum):
    """What a log is, beside its tip."""

    NEW = "new"
    SOUND = "sound"
    AHEAD = "ahead"
    UNRECORDED = "made before tips were recorded"
    MISSING = "missing"
    EMPTY = "empty"
    SHORT = "short"
    FORKED = "forked"
    ANOTHER = "another log"
    DAMAGED = "damaged"
    UNWITNESSED = "without its tip"


TRUSTED = frozenset({Standing.NEW, Standing.SOUND, Standing.AHEAD, Standing.UNRECORDED})


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """How the log stands, where it ends, and the tip that it was held against. `reason` says
    what is wrong, as a clause."""

    standing: Standing
    head: int
    tip: LogTip | None
    reason: str = ""

    @property
    def trusted(self) -> bool:
        """Whether the log may be opened and appended to."""
        return self.standing in TRUSTED


def judge(path: Path, *, labs: int = 0) -> Judgement:
    """Judge the log in the file, changing nothing.

    `labs`: so many labs are known to exist outside the log, so that it cannot be a new one.
    Raises UnusableDatabase where the file cannot be looked into, whatever stands in it, or is not
    for this program;
    sqlite3.Error only where no tip says what was there; and OSError.
    """
    require_files(path)
    kept = kept_tips(path)
    try:
        tip = TipFile(tip_beside(path)).read()
    except DamagedTip as error:
        return _found(Standing.UNWITNESSED, None, 0, str(error))
    if not path.exists() or path.stat().st_size == 0:
        return _of_nothing(path, max([*kept, *filter(None, [tip])], key=reach, default=tip), labs)
    try:
        with closing(open_unchanged(path)) as connection:
            if not (tip or kept) or not _foreign(connection):
                schema.known_version(connection)
            judgement = _judged(connection, path, tip, labs)
            return _held_against(connection, kept, judgement) if kept else judgement
    except schema.SchemaMismatch as error:
        raise UnusableDatabase(path, str(error)) from error
    except sqlite3.Error as error:
        if not is_damage(error):
            raise UnusableDatabase(path, described(error, path)) from error
        if tip is None:
            raise
        return _found(Standing.DAMAGED, tip, 0, f"it cannot be read ({error})")


def open_unchanged(path: Path) -> sqlite3.Connection:
    """A connection that leaves the file and its write-ahead log as they are, also at its end.
    Raises UnusableDatabase where something else lies in the place of one, and sqlite3.Error."""
    require_files(path)
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=5.0
    )


def _of_nothing(path: Path, tip: LogTip | None, labs: int) -> Judgement:
    absent = "is not there" if not path.exists() else "is an empty file"
    if tip is not None and (tip.position or tip.epoch):
        return _found(Standing.MISSING, tip, 0, f"it {absent}, and {_expected(tip)}")
    if _size_of_wal(path):
        return _found(Standing.MISSING, tip, 0, f"it {absent}, and there is a -wal of it")
    if labs and not _accepted(tip):
        return _found(Standing.MISSING, tip, 0, f"it {absent}, and there {_directories(labs)}")
    return _found(Standing.NEW, tip, 0)


def _judged(
    connection: sqlite3.Connection, path: Path, tip: LogTip | None, labs: int
) -> Judgement:
    if _foreign(connection):
        return _foreign_standing(tip)
    head = _number(connection, _HEAD)
    if tip is None:
        return _without_tip(connection, head, labs)
    standing, reason = _compared(connection, tip, head)
    if standing in TRUSTED and path.stat().st_size <= _CHECKED_WHOLE:
        [pages] = connection.execute("PRAGMA integrity_check(events)").fetchone()
        if pages != "ok":
            standing, reason = Standing.DAMAGED, f"its pages are damaged ({pages})"
    if standing is Standing.SOUND and head == 0 and labs and not _accepted(tip):
        standing, reason = Standing.EMPTY, f"it holds no events, and there {_directories(labs)}"
    return _found(standing, tip, head, reason)


def _compared(connection: sqlite3.Connection, tip: LogTip, head: int) -> tuple[Standing, str]:
    if tip.position == 0:
        return (Standing.AHEAD if head else Standing.SOUND), ""
    if head == 0:
        return Standing.EMPTY, f"it holds no events, and {_expected(tip)}"
    if _hash(connection, _FIRST, ()) != tip.first:
        return Standing.ANOTHER, f"it begins with another event, and {_expected(tip)}"
    if head < tip.position:
        missing = tip.count - _number(connection, _COUNT, tip.position)
        if missing <= 0:  # of before an epoch, and it went on
            found = f"it ends at position {head} with events of its own, and {_expected(tip)}"
            return Standing.FORKED, found
        found = f"it ends at position {head}, {missing} events short, and {_expected(tip)}"
        return Standing.SHORT, found
    if _hash(connection, _PLACE, (tip.position,)) != tip.last:
        found = f"another event stands at position {tip.position}, and {_expected(tip)}"
        return Standing.FORKED, found
    count = _number(connection, _COUNT, tip.position)
    if count != tip.count:
        found = (
            f"it holds {count} events up to position {tip.position}, and {tip.count} were there"
        )
        return Standing.DAMAGED, found
    return (Standing.SOUND if head == tip.position else Standing.AHEAD), ""


def _held_against(
    connection: sqlite3.Connection, kept: Sequence[LogTip], judgement: Judgement
) -> Judgement:
    """Log and tip that were set back together agree with each other, and not with the tips of the
    last hours. The furthest of those is the measure, and the others tell when the log was so."""
    if not judgement.trusted:
        return judgement
    if _foreign(connection):
        return _foreign_standing(kept[0])
    standing, reason = _compared(connection, kept[0], judgement.head)
    if standing in TRUSTED:
        return judgement
    for earlier in kept[1:]:
        if _compared(connection, earlier, judgement.head)[0] in TRUSTED:
            since = earlier.moment.isoformat(timespec="seconds")
            reason = f"{reason}; it agrees with what was acknowledged up to {since}"
            break
    return _found(standing, kept[0], judgement.head, reason)


def _without_tip(connection: sqlite3.Connection, head: int, labs: int) -> Judgement:
    """A log of the version before has no tip, once; later its absence is a loss."""
    marked = _number(connection, _MARKED) and _number(connection, "SELECT count(*) FROM epochs")
    if marked:
        return _found(Standing.UNWITNESSED, None, head, "its tip is not there")
    if head == 0 and labs:
        found = f"it holds no events, and there {_directories(labs)}"
        return _found(Standing.EMPTY, None, head, found)
    return _found(Standing.UNRECORDED if head else Standing.NEW, None, head)


def _foreign(connection: sqlite3.Connection) -> bool:
    """No log of ours is in it: the tables have yet to be made, or somebody else made some."""
    ours = _number(connection, "PRAGMA application_id") == schema.APPLICATION_ID
    return not ours


def _foreign_standing(tip: LogTip | None) -> Judgement:
    if tip is not None and tip.position:
        return _found(Standing.ANOTHER, tip, 0, f"it is not a log of ours, and {_expected(tip)}")
    return _found(Standing.NEW, tip, 0)


def _found(standing: Standing, tip: LogTip | None, head: int, reason: str = "") -> Judgement:
    return Judgement(standing=standing, head=head, tip=tip, reason=reason)


def _expected(tip: LogTip) -> str:
    at = tip.moment.isoformat(timespec="seconds")
    return f"position {tip.position} of {at} ({tip.last[:12]}) was acknowledged"


def _directories(labs: int) -> str:
    return f"are {labs} labs' directories" if labs != 1 else "is a lab's directory"


def _accepted(tip: LogTip | None) -> bool:
    """Somebody said that a log without these labs is right."""
    return tip is not None and tip.epoch > 0


def _hash(connection: sqlite3.Connection, query: str, values: tuple[object, ...]) -> str | None:
    row = connection.execute(query, values).fetchone()
    return row[0] if row else None


def _number(connection: sqlite3.Connection, query: str, *values: object) -> int:
    [number] = connection.execute(query, values).fetchone()
    return int(number)


def _size_of_wal(path: Path) -> int:
    wal = wal_of(path)
    return wal.stat().st_size if wal.exists() else 0
