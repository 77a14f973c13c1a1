"""A control group for each lab, where the kernel lets this service make one.

What belongs to a group is the kernel's word: no process leaves it that may not write there, and
a sandbox shows labs these files as read-only.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infrastructure.process.proc import number, read

_PROC_SELF = Path("/proc/self")
_PREFIX = "labs-"
SERVICE = "service"
"""The group that the service moves into, beside that of its labs, where groups with processes
of their own cannot limit what is below."""
_MOST_GROUPS = 1000
_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlGroups:
    """The groups of one service's labs, below `place`, this service's own group; None where
    there is none. The groups are plain groups, without any controller. `mount`: where the
    kernel shows groups."""

    mount: Path | None
    place: Path | None
    owner: str

    def enter(self, uid: str, pid: int) -> str:
        """Put the process, with all that descends from it, into the lab's group, made if needed;
        return the group's path, or nothing where that may not be done."""
        if self.place is None:
            return ""
        group = self._all_below(self.place) / uid
        try:
            group.mkdir(parents=True, exist_ok=True)
            (group / "cgroup.procs").write_text(str(pid), encoding="ascii")
        except OSError:
            return ""
        return str(group)

    def of(self, uid: str, recorded: str = "") -> Sequence[Path]:
        """The groups that may hold the lab: the one on its record, and the one that it would
        get now. Only paths of groups of labs are believed."""
        found = [] if self.place is None else [self._all_below(self.place) / uid]
        if self._believes(Path(recorded), uid):
            found.append(Path(recorded))
        return tuple(dict.fromkeys(group for group in found if group.is_dir()))

    def uids(self) -> Sequence[str]:
        """The uids that have a group here."""
        if self.place is None:
            return ()
        try:
            with os.scandir(self._all_below(self.place)) as entries:
                return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            return ()

    def _believes(self, path: Path, uid: str) -> bool:
        if self.mount is None or ".." in path.parts or not path.is_relative_to(self.mount):
            return False
        return path.name == uid and path.parent.name.startswith(_PREFIX)

    def _all_below(self, place: Path) -> Path:
        return place / f"{_PREFIX}{self.owner}"


def open_groups(owner: str) -> ControlGroups:
    """The groups of this owner's labs, below the group that this process is in now."""
    mount, own = _mount_and_place()
    place = None if own is None else labs_place(own, f"{_PREFIX}{owner}")
    return ControlGroups(mount=mount, place=place, owner=owner)


def labs_place(own: Path, name: str) -> Path:
    """The group below which the labs' common group of that name is, or is to be made."""
    moved = own.name == SERVICE and (own.parent / name).is_dir()
    return own.parent if moved else own


def is_in(group: Path, pid: int) -> bool:
    """Whether the process is in the group, or in one below it. Known by the last two names of its
    path, which no other group has: how a path begins depends on who looks."""
    own = os.fsencode(f"/{group.parent.name}/{group.name}/")
    groups = (line for line in read(pid, "cgroup").splitlines() if line.startswith(b"0::"))
    return any(own in line + b"/" for line in groups)


def pids_in(group: Path) -> Sequence[int]:
    """The processes in the group and in those below it."""
    found: list[int] = []
    for one in _and_below(group):
        with suppress(OSError), (one / "cgroup.procs").open("rb") as file:
            words = file.read(_MOST_BYTES).split()
            found.extend(pid for pid in map(number, words) if pid)
    return found


def kill(group: Path) -> None:
    """Kill everything in the group at once, whatever it forks meanwhile."""
    with suppress(OSError):
        (group / "cgroup.kill").write_text("1", encoding="ascii")


def dissolve(group: Path) -> None:
    """Remove the group, those below it, and the one above when it was the last there. One that
    still holds a process stays."""
    for one in reversed(tuple(_and_below(group))):
        with suppress(OSError):
            one.rmdir()
    with suppress(OSError):
        group.parent.rmdir()


def _and_below(group: Path) -> Iterator[Path]:
    """The group, then those below it, each after the one that holds it; boundedly many."""
    waiting = [group]
    for _ in range(_MOST_GROUPS):
        if not waiting:
            return
        one = waiting.pop()
        yield one
        with suppress(OSError), os.scandir(one) as entries:
            waiting += [Path(each) for each in entries if each.is_dir(follow_symlinks=False)]


def _mount_and_place() -> tuple[Path | None, Path | None]:
    """Where groups of version 2 are mounted, and the directory of this process's own group."""
    try:
        mounts = (_PROC_SELF / "mountinfo").read_text(encoding="utf-8", errors="replace")
        groups = (_PROC_SELF / "cgroup").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None, None
    fields = (line.split() for line in mounts.splitlines() if " - cgroup2 " in line)
    mount = next((Path(words[4]) for words in fields), None)
    own = next((line[3:] for line in groups.splitlines() if line.startswith("0::/")), None)
    if mount is None or own is None or ".." in own:
        return mount, None
    place = mount / own.lstrip("/")
    return mount, place if place.is_dir() else None
