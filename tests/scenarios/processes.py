"""What the machine itself says about labs: /proc, not the service."""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def lab_processes(data_dir: Path) -> Sequence[int]:
    """Every process that runs for a lab of this data directory, by its environment."""
    owner = data_dir / "labs" / ".owner"
    if not owner.exists():
        return ()
    return _tagged(f"LAB_OWNER={owner.read_text().strip()}")


def processes_of(uid: str) -> Sequence[int]:
    """Every process of one lab."""
    return _tagged(f"LAB_UID={uid}")


def kill_tree(pid: int) -> None:
    """Kill one process of a lab; its relatives carry the same tag."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def command_line(pid: int) -> str:
    """The arguments of a process, as `ps` shows them; empty when it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def _tagged(tag: str) -> Sequence[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _carries(entry, tag):
            found.append(int(entry.name))
    return sorted(found)


def _carries(process: Path, tag: str) -> bool:
    try:
        if ") Z " in (process / "stat").read_text():
            return False
        return tag.encode() in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
