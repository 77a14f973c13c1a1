"""Who goes first, the service or a lab, where the kernel must choose by itself.

Said of a lab's first process before it does anything, so that all it starts inherits it.
"""

import os
from contextlib import suppress
from pathlib import Path

_BEHIND = 500
_LAST = 1000
_NICER = 5
_NICEST = 19


def sacrificed_first(pid: int) -> None:
    """When the machine has no memory left, the kernel ends a process of this lab before the
    service, also when the service holds half of the memory more. Where root says so, the lab
    cannot take it back. May raise OSError."""
    own = int(_score("self").read_text(encoding="ascii"))
    _score(str(pid)).write_text(str(min(own + _BEHIND, _LAST)), encoding="ascii")


def yields_processor(pid: int) -> None:
    """The lab is nicer than the service, which it cannot take back: for where no control group
    gives shares. Where the kernel groups tasks by session, it counts within one only."""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(OSError):  # it has ended
        os.setpriority(os.PRIO_PROCESS, pid, min(own + _NICER, _NICEST))


def can_sacrifice() -> bool:
    """Whether this machine lets us say whom the kernel ends first. Changes nothing."""
    try:
        score = _score("self")
        score.write_text(score.read_text(encoding="ascii"), encoding="ascii")
    except OSError:
        return False
    return True


def _score(process: str) -> Path:
    return Path("/proc", process, "oom_score_adj")
