"""`discard`, and `adopt` where the log is right: the operator's word about labs unknown to it.

The service may run, and carries the word out; if it does not, the next one does.
"""

import sqlite3
from collections.abc import Collection, Sequence

from application.ports.unknown_labs import UnknownLab
from infrastructure.data_directory.claim import count_lab_directories, database_in
from infrastructure.data_directory.unknown_labs import UnknownLabFiles, Verdict
from infrastructure.setting_values import SQLITE
from infrastructure.settings import Settings
from infrastructure.sqlite.judgement import judge
from infrastructure.unusable import Unusable


def undecided(settings: Settings, uids: Collection[str] = ()) -> Sequence[UnknownLab]:
    """The labs unknown to the log, as the service told them last: those of these uids, or else
    all that were not adopted. Raises Unusable for a uid that is not among them."""
    files = UnknownLabFiles(settings.data_dir)
    try:
        listed = {lab.uid: lab for lab in files.listed()}
    except ValueError as error:
        raise Unusable(f"the list of unknown labs cannot be read: {error}") from error
    for uid in uids:
        if uid not in listed:
            raise Unusable(f"{uid[:64]!r} is not among the labs unknown to the log")
    if uids:
        return [lab for uid, lab in listed.items() if uid in uids]
    return [lab for lab in listed.values() if not lab.kept]


def discard(settings: Settings, labs: Sequence[UnknownLab]) -> None:
    """Say that these, and no others, may be ended and set aside. Raises OSError."""
    _say(settings, labs, Verdict.DISCARDED)


def adopt_unknown(settings: Settings) -> Sequence[UnknownLab]:
    """Say that all of them shall run on, untouched; none where the log itself is in doubt. Raises
    Unusable, OSError."""
    labs = undecided(settings)
    if not labs or not _log_is_trusted(settings):
        return ()
    _say(settings, labs, Verdict.KEPT)
    return labs


def _say(settings: Settings, labs: Sequence[UnknownLab], verdict: Verdict) -> None:
    UnknownLabFiles(settings.data_dir).say([lab.uid for lab in labs], verdict)


def _log_is_trusted(settings: Settings) -> bool:
    if settings.event_store != SQLITE:
        return True
    labs = count_lab_directories(settings.data_dir)
    try:
        return judge(database_in(settings.data_dir), labs=labs).trusted
    except sqlite3.Error:
        return False
