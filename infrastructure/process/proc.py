"""What the kernel says about processes, read in bounded pieces. Zombies count as gone: they only
wait to be reaped.

What a process may choose itself, its environment and arguments, is not read at all.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")
_MOST_BYTES = 16 * 1024
_MOST_DIGITS = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A live process. `pid` and `start_time` together are never given to another one, and make it
    the same; its parent may die before it."""

    pid: int
    start_time: int
    parent: int = field(compare=False)
    session: int = field(compare=False)

    @property
    def is_leader(self) -> bool:
        """Whether it leads a session, as the first process of each lab does."""
        return self.pid == self.session


def number(text: bytes) -> int | None:
    """The number that some ASCII digits mean, at most 19 of them; None for anything else."""
    return int(text) if text.isdigit() and len(text) <= _MOST_DIGITS else None


def boot_id() -> str:
    """Names the time since this machine was started."""
    return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def read(pid: int, what: str) -> bytes:
    """The beginning of what the kernel shows; empty when the process is gone."""
    try:
        with (_PROC / str(pid) / what).open("rb", buffering=0) as file:
            return file.read(_MOST_BYTES) or b""
    except OSError:
        return b""


def read_process(pid: int) -> Process | None:
    """The live process of that number, or None."""
    # The name, in parentheses, may hold anything; the numbers follow its last parenthesis.
    fields = read(pid, "stat").rpartition(b")")[2].split()
    if len(fields) < 20 or fields[0] in (b"Z", b"X"):
        return None
    start_time, parent, session = (number(fields[place]) for place in (19, 1, 3))
    if start_time is None or parent is None or session is None:
        return None
    return Process(pid=pid, start_time=start_time, parent=parent, session=session)


def is_same(process: Process) -> bool:
    """Whether that very process is still alive."""
    now = read_process(process.pid)
    return now is not None and now.start_time == process.start_time


def opens_namespace(pid: int) -> bool:
    """Whether it is the first process of a process namespace below ours: the kernel ends
    everything inside with it."""
    for line in read(pid, "status").splitlines():
        if line.startswith(b"NSpid:"):
            numbers = line.split()[1:]
            return len(numbers) > 1 and numbers[-1] == b"1"
    return False


def user_of(pid: int) -> int | None:
    """The real user of the process; None when it is gone."""
    for line in read(pid, "status").splitlines():
        if line.startswith(b"Uid:"):
            return number(line.split()[1])
    return None


def writes_to(pid: int, file: Path) -> bool | None:
    """Whether its standard output is that very file; None when that cannot be known, since it may
    not be seen or was deleted."""
    try:
        output = (_PROC / str(pid) / "fd/1").stat()
    except OSError:
        return None
    if not output.st_nlink:
        return None
    try:
        return os.path.samestat(output, file.lstat())
    except OSError:
        return False


def all_processes() -> Mapping[int, Process]:
    """Every live process of this machine that can be seen, by number."""
    numbers = (number(os.fsencode(entry)) for entry in os.listdir(_PROC))  # noqa: PTH208  names only
    found = (read_process(pid) for pid in numbers if pid is not None)
    return {process.pid: process for process in found if process is not None}


def own_line(seen: Mapping[int, Process]) -> frozenset[int]:
    """This process and those it descends from: they are nobody's lab, whatever else is so."""
    line: set[int] = set()
    pid = os.getpid()
    while pid in seen and pid not in line:
        line.add(pid)
        pid = seen[pid].parent
    return frozenset(line)


def open_files(pid: int, *, most: int) -> Sequence[str]:
    """What at most so many of its descriptors lead to, in the kernel's words."""
    place = _PROC / str(pid) / "fd"
    try:
        with os.scandir(place) as entries:
            names = [entry.name for _, entry in zip(range(most), entries, strict=False)]
    except OSError:
        return ()
    return tuple(filter(None, (_link(place / name) for name in names)))


def stands_at(pid: int) -> Sequence[str]:
    """Where its working directory is, and where its output goes, in the kernel's words."""
    place = _PROC / str(pid)
    return tuple(filter(None, (_link(place / name) for name in ("cwd", "fd/1", "fd/2"))))


def _link(path: Path) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115  a word of the kernel's, no path
    except OSError:
        return ""
