"""`adopt`: the embedded log is accepted as it stands, by somebody who knows that it is right."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from infrastructure.codec.instants import to_microseconds
from infrastructure.data_directory.claim import (
    DataDirectory,
    count_lab_directories,
    database_in,
)
from infrastructure.setting_values import SQLITE
from infrastructure.settings import Settings
from infrastructure.sqlite.connections import connect, prepare_file
from infrastructure.sqlite.database_files import kept_tips_beside, tip_beside, wal_of
from infrastructure.sqlite.epochs import begin_epoch
from infrastructure.sqlite.judgement import judge, open_unchanged
from infrastructure.sqlite.unusable import UnusableDatabase, described, is_damage
from infrastructure.unusable import Unusable
from infrastructure.upkeep.troubles import one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The log goes on from `position` in this epoch; what was there before lies in `aside`."""

    position: int
    epoch: int
    reason: str
    aside: Path


def embedded_log(settings: Settings) -> Path:
    """The file of the embedded log. Raises Unusable when a server keeps it or there is no
    data directory."""
    if settings.event_store != SQLITE:
        raise Unusable(
            "LAB_EVENT_STORE names a server, which keeps, backs up and restores its log itself; "
            "this command is for the embedded one"
        )
    if not settings.data_dir.is_dir():
        raise Unusable(f"there is no data directory {str(settings.data_dir)!r}")
    return database_in(settings.data_dir)


def adopt(settings: Settings, *, now: datetime) -> Adopted:
    """Accept the log as it stands, which its tip does not, keeping a copy of all of it. Raises
    Unusable, having changed nothing, when there is nothing to accept or it cannot be read."""
    path = embedded_log(settings)
    with one_line(), DataDirectory.claim(settings.data_dir):
        try:
            judgement = judge(path, labs=count_lab_directories(settings.data_dir))
            if judgement.trusted:
                raise Unusable(
                    f"there is nothing to adopt: the log is {judgement.standing.value}, "
                    f"up to position {judgement.head}"
                )
            _require_readable(path)
            aside = set_aside(path, now, move=False)
            prepare_file(path, connect)
            with closing(connect(path)) as connection:
                reason = f"{judgement.standing.value}: {judgement.reason}"
                tip = begin_epoch(connection, path, reason=reason, at=to_microseconds(now))
        except sqlite3.Error as error:
            if not is_damage(error):
                raise UnusableDatabase(path, described(error, path)) from error
            raise Unusable(f"the log cannot be adopted ({error}): restore a backup") from error
    return Adopted(position=tip.position, epoch=tip.epoch, reason=judgement.reason, aside=aside)


def set_aside(path: Path, now: datetime, *, move: bool) -> Path:
    """Where the files of the log are kept from now on: copies of them, or with `move` they
    themselves. The tips stay as well. Raises OSError."""
    aside = path.parent / "aside" / f"{now:%Y%m%dT%H%M%S.%fZ}"
    aside.mkdir(mode=0o700, parents=True)
    for witness in (tip_beside(path), kept_tips_beside(path)):
        with suppress(FileNotFoundError):
            shutil.copy2(witness, aside)
    for file in (path, wal_of(path)):
        if file.exists():
            (os.replace if move else shutil.copy2)(file, aside / file.name)
    return aside


def _require_readable(path: Path) -> None:
    if not path.exists() or path.stat().st_size == 0:
        return
    with closing(open_unchanged(path)) as connection:
        [answer] = connection.execute("PRAGMA integrity_check(events)").fetchone()
    if answer != "ok":
        raise sqlite3.DatabaseError(answer)
