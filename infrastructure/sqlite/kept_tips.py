"""Tips of the last hours, each the last of its hour, in a file of their own.

A log that was set back together with its tip agrees with that, but not with these. They are a
witness beside the tip: without the file, or with a damaged slot, fewer speak and nothing else.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from infrastructure.sqlite.database_files import kept_tips_beside
from infrastructure.sqlite.log_tip import LogTip
from infrastructure.sqlite.tip_slots import packed, unpacked

_HOURS = 48
_SLOT = 512
_HOUR = 3_600_000_000


def kept_tips(path: Path) -> Sequence[LogTip]:
    """Those kept beside the log, the furthest first. Raises OSError."""
    try:
        descriptor = os.open(kept_tips_beside(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return ()
    try:
        content = os.pread(descriptor, _HOURS * _SLOT, 0)
    finally:
        os.close(descriptor)
    slots = (unpacked(content, place * _SLOT) for place in range(_HOURS))
    return sorted((slot[1] for slot in slots if slot), key=reach, reverse=True)


def keep_tip(path: Path, tip: LogTip) -> None:
    """Keep it as the last one of its hour, by the time of its event. It must name what is on
    the disk; that it reaches the disk itself is not waited for. Raises OSError."""
    if tip.count == 0:
        return
    descriptor = os.open(kept_tips_beside(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, _HOURS * _SLOT)  # no later write needs room
        place = tip.recorded_at // _HOUR % _HOURS
        os.pwrite(descriptor, packed(tip.count, tip), place * _SLOT)
    finally:
        os.close(descriptor)


def reach(tip: LogTip) -> tuple[int, int]:
    """How far it is: a later epoch is further than more events."""
    return tip.epoch, tip.count
