"""`backup` and `restore` of the embedded log: copies that are whole, and known to be."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from application.projections.reporting import Report
from infrastructure.codec.instants import to_microseconds
from infrastructure.codec.proof import Proof
from infrastructure.data_directory.claim import DataDirectory
from infrastructure.settings import Settings
from infrastructure.sqlite.audit import audit
from infrastructure.sqlite.connections import connect, prepare_file
from infrastructure.sqlite.database_files import remove_database, require_files, shm_of, tip_beside
from infrastructure.sqlite.epochs import begin_epoch, epoch_of, record_same_epoch
from infrastructure.sqlite.judgement import Standing, judge, open_unchanged
from infrastructure.sqlite.log_tip import LogTip, caught_up, gone_on_from
from infrastructure.sqlite.recorded_tip import last_known_tip, replace_tip
from infrastructure.sqlite.unusable import described
from infrastructure.unusable import Unusable
from infrastructure.upkeep.adopting import embedded_log, set_aside
from infrastructure.upkeep.troubles import one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The log is the copy's, `events` up to `position`. `epoch` is None where the copy holds
    all that was acknowledged, so that nothing was lost."""

    events: int
    position: int
    epoch: int | None
    aside: Path


def back_up(settings: Settings, target: Path, report: Report) -> Proof:
    """Make the target, which must not exist, a copy of the log as it is at one moment, with its
    tip beside it, and prove it. The service may go on. Raises Unusable, BrokenChain."""
    source = embedded_log(settings)
    require_files(source)
    if not source.exists():
        raise Unusable(f"there is no {source.name} in {str(settings.data_dir)!r}")
    for path in (target, tip_beside(target)):
        if path.exists():
            raise Unusable(f"{str(path)!r} exists: name a file that does not")
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    acknowledged = last_known_tip(source)
    try:
        with one_line():
            _copy(source, partial)
            found = audit(partial, report, log_alone=True)
            with closing(open_unchanged(partial)) as copy:
                tip = caught_up(copy, LogTip(epoch=acknowledged.epoch if acknowledged else 0))
        if acknowledged is not None and tip.count < acknowledged.count:
            raise Unusable(f"the log holds {tip.count} events, {acknowledged.count} were there")
        partial.replace(target)
        replace_tip(target, tip)
    except sqlite3.Error as error:
        raise Unusable(f"the log cannot be copied: {described(error, source, target)}") from error
    finally:
        partial.unlink(missing_ok=True)
    return found


def restore(settings: Settings, source: Path, report: Report, *, now: datetime) -> Restored:
    """Put a copy in the place of the log, which is set aside. Events that the copy does not hold
    are lost: then a new epoch begins. Raises Unusable or BrokenChain, having changed nothing,
    where the copy is not whole; an interrupted one is begun again."""
    path = embedded_log(settings)
    _require_whole(source)
    with one_line(), DataDirectory.claim(settings.data_dir):
        found = audit(source, report, log_alone=True)
        if found.events == 0:
            raise Unusable(f"there are no events in {str(source)!r}")
        try:
            _require_use(path, source)
            epoch, aside = _put_back(path, source, now)
        except sqlite3.Error as error:
            reason = described(error, source, path)
            raise Unusable(f"{str(source)!r} cannot be restored: {reason}") from error
    return Restored(events=found.events, position=found.position, epoch=epoch, aside=aside)


def _put_back(path: Path, source: Path, now: datetime) -> tuple[int | None, Path]:
    beside = path.with_name(f"{path.stem}-restored.sqlite")
    remove_database(beside)
    try:
        _copy(source, beside)
        complete = _holds(beside, last_known_tip(path))
        aside = set_aside(path, now, move=True)
        shm_of(path).unlink(missing_ok=True)
        beside.replace(path)
    finally:
        remove_database(beside)
    prepare_file(path, connect)
    with closing(connect(path)) as connection:
        if complete:
            record_same_epoch(connection, path)
            return None, aside
        at = to_microseconds(now)
        return begin_epoch(connection, path, reason="restored", at=at).epoch, aside


def _copy(source: Path, target: Path) -> None:
    """In one step: a copy in several begins anew with every commit of somebody else."""
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    with closing(open_unchanged(source)) as original, closing(connect(target)) as copy:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _require_whole(source: Path) -> None:
    if not source.exists():
        raise Unusable(f"there is no file {str(source)!r}")
    try:
        judgement = judge(source)
    except sqlite3.Error as error:
        raise Unusable(f"{str(source)!r} is not a copy of a log: {error}") from error
    without_tip = judgement.standing is Standing.UNWITNESSED and judgement.tip is None
    if not judgement.trusted and not without_tip:
        raise Unusable(
            f"{str(source)!r} is not whole, it is {judgement.standing.value}: {judgement.reason}"
        )


def _require_use(path: Path, source: Path) -> None:
    """Raises Unusable where the copy is of another log, or the log is what it holds already."""
    known = last_known_tip(path)
    if known is None or known.count == 0:
        return
    with closing(open_unchanged(source)) as copy:
        ends = caught_up(copy, LogTip())
    if ends.first != known.first and known.epoch == 0:
        raise Unusable(
            f"{str(source)!r} is of another log: it begins with another event than the one here; "
            "to serve it, restore it into an empty LAB_DATA_DIR"
        )
    if (ends.count, ends.running) == (known.count, known.running) and judge(path).trusted:
        raise Unusable(
            f"there is nothing to restore: the log holds what {str(source)!r} does, "
            f"up to position {ends.position}"
        )


def _holds(path: Path, tip: LogTip | None) -> bool:
    """Whether the log in the file is the one with this tip, or goes on from there, and knows of
    its epoch: else positions of a lost time line would be given again."""
    if tip is None:
        return False
    with closing(open_unchanged(path)) as connection:
        return epoch_of(connection) >= tip.epoch and gone_on_from(connection, tip) is not None
