"""Users of the machine that labs run as when the service is root: one for each lab, without a
name, never root's, and never one that somebody else has."""

import grp
import hashlib
import os
import pwd
import stat
import subprocess
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from threading import Lock

from application.ports.provisioner import ProvisionerUnavailable
from infrastructure.process.programs import ToolMissing, tool

NOBODYS = 0
"""The account of a lab that runs as the service's own user."""

RANGES = (range(1_900_000_000, 1_960_000_000), range(40_000, 60_000))
"""Where accounts are looked for: the first range that this machine, or the container, has.
The first lies apart from all that distributions, systemd and containers give away."""

_TRIES = 100
_PATIENCE = 120


class Accounts:
    """Allots numbers, each for a user and a group. Safe to be called from several threads."""

    def __init__(self, numbers: range, taken: Callable[[], Collection[int]]) -> None:
        self._numbers = numbers
        self._find_taken = taken
        self._taken = set(taken())
        self._lock = Lock()

    def keep_or_allot(self, lab: str, owner: int) -> int:
        """The owner of the lab's files if it is such a number, else a free one, as `allot`."""
        return owner if owner in self._numbers else self.allot(lab)

    def allot(self, lab: str) -> int:
        """A free number for the lab, which has a name that no other service's has: none of a
        known user, of a running process, or that owns a lab's files. Raises
        ProvisionerUnavailable when none is found."""
        with self._lock:
            busy = _users_of_processes()
            for fresh in (False, True):
                if fresh:  # what was given back since
                    self._taken = set(self._find_taken())
                for number in _proposed(lab, self._numbers):
                    if number not in self._taken and number not in busy and _is_unknown(number):
                        self._taken.add(number)
                        return number
        first, last = self._numbers[0], self._numbers[-1]
        raise ProvisionerUnavailable(f"no user between {first} and {last} is free for a lab")


def usable_range(maps: Sequence[str] | None = None) -> range | None:
    """The range that the kernel lets this process use for users and groups; None without one.

    `maps`: the texts of the two maps in /proc, which are read if not given.
    """
    if maps is None:
        maps = [Path(f"/proc/self/{kind}id_map").read_text(encoding="ascii") for kind in "ug"]
    spans = [[tuple(map(int, line.split())) for line in text.splitlines()] for text in maps]
    for numbers in RANGES:
        if all(
            any(first <= numbers[0] and numbers[-1] < first + count for first, _, count in span)
            for span in spans
        ):
            return numbers
    return None


def owners_in(*roots: Path) -> Collection[int]:
    """Who owns the work directories of the labs there, also of those on their way out."""
    labs = (place for root in roots if root.is_dir() for place in root.iterdir())
    return {owner for place in labs if (owner := owner_of(place / "work"))}


def owner_of(path: Path) -> int:
    """The user that a directory belongs to; 0 when there is none."""
    try:
        found = path.lstat()
    except OSError:
        return NOBODYS
    return found.st_uid if stat.S_ISDIR(found.st_mode) else NOBODYS


def give(path: Path, account: int) -> None:
    """Give a file or directory to a user, not following a link. May raise OSError."""
    os.chown(path, account, account, follow_symlinks=False)


def give_tree(top: Path, account: int) -> None:
    """Give a tree to another user, the top last: an interrupted change is seen, and made
    again. May raise OSError.

    Links are not followed, and only what belongs to the owner of the top is given, so that a
    hard link is no way to be given more.
    """
    owner = owner_of(top)
    if owner == account:
        return
    given = f"{account}:{account}"
    try:
        words = [tool("chown"), "-hRP", f"--from={owner}", given, "--", str(top)]
        subprocess.run(words, check=True, capture_output=True, timeout=_PATIENCE)  # noqa: S603  our own words
    except (subprocess.SubprocessError, ToolMissing) as error:
        raise OSError(f"{top} cannot be given to the user {account} of its lab") from error


def _proposed(lab: str, numbers: range) -> Iterator[int]:
    # Two services of one machine seldom propose the same, and a lab is proposed its old one.
    for attempt in range(_TRIES):
        digest = hashlib.sha256(f"{lab}/{attempt}".encode()).digest()
        yield numbers[int.from_bytes(digest[:8], "big") % len(numbers)]


def _users_of_processes() -> Collection[int]:
    found = set()
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                found.add(entry.stat().st_uid)
            except OSError:  # it has ended
                continue
    return found


def _is_unknown(number: int) -> bool:
    for look in (pwd.getpwuid, grp.getgrgid):
        try:
            look(number)
        except KeyError:
            continue
        return False
    return True
