"""What the kernel says about processes. Zombies count as gone: they only wait to be reaped."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OWNER_TAG = "LAB_OWNER"
UID_TAG = "LAB_UID"
REVISION_TAG = "LAB_REVISION"
LAB_TAG = "LAB_ID"

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A live process. `pid` and `start_time` together are never given to another one."""

    pid: int
    start_time: int
    parent: int
    session: int

    @property
    def is_leader(self) -> bool:
        """Whether it leads a session, as the first process of each lab does."""
        return self.pid == self.session


def boot_id() -> str:
    """Names the time since this machine was started."""
    return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def read_process(pid: int) -> Process | None:
    """The live process of that number, or None."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name, in parentheses, may hold anything; the numbers follow its last parenthesis.
    fields = text.rpartition(")")[2].split()
    if len(fields) < 20 or fields[0] in "ZX":
        return None
    return Process(
        pid=pid, start_time=int(fields[19]), parent=int(fields[1]), session=int(fields[3])
    )


def is_same(process: Process) -> bool:
    """Whether that very process is still alive."""
    now = read_process(process.pid)
    return now is not None and now.start_time == process.start_time


def read_tags(pid: int) -> Mapping[str, str] | None:
    """The environment the process was started with; None when it cannot be read.

    It is empty, and None here, for an instant while the process becomes another program.
    """
    try:
        content = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return None
    if not content:
        return None
    pairs = (entry.partition(b"=") for entry in content.split(b"\0") if entry)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def read_name(pid: int) -> str:
    """The name of the program it runs; empty when it is gone."""
    try:
        return (_PROC / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def namespace_of(pid: int) -> str:
    """Names the process namespace it lives in; empty when that may not be read."""
    try:
        return str((_PROC / str(pid) / "ns/pid").readlink())
    except OSError:
        return ""


def all_processes() -> Mapping[int, Process]:
    """Every live process of this machine that can be seen, by number."""
    numbers = (int(entry) for entry in os.listdir(_PROC) if entry.isdigit())  # noqa: PTH208  names only
    found = (read_process(pid) for pid in numbers)
    return {process.pid: process for process in found if process is not None}
