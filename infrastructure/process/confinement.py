"""How a lab's first program is started here: which programs go before it, in which order."""

import os
import resource
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from infrastructure.process.accounts import NOBODYS, Accounts
from infrastructure.process.bubblewrap import bubblewrap_options
from infrastructure.process.files import LabFiles
from infrastructure.process.limit_groups import LimitGroups
from infrastructure.process.mounts import Mounts
from infrastructure.process.own_mounts import mounting_script
from infrastructure.process.programs import tool
from infrastructure.templates.definition import Resources

OPTIONS_FD = 3
GATE_FD = 4
ENVIRONMENT_FD = 5

_FIRST_PROGRAM = Path(__file__).with_name("first_program.py")
SHELL = "/bin/sh"
_COUNTED_BY_NAMESPACE = (5, 14)
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Lodging:
    """Where one lab lives and what it may use. `account` is the user it runs as."""

    files: LabFiles
    directory: Path
    limits: Resources
    account: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """What labs are started with. Without `mounts` they see the machine's files; with them
    and without `bubblewrap`, the mounts are made by root. `way`: the directories on the way to
    a lab's that must let it pass, where it is a user of its own and nothing is mounted."""

    lab_python: Path
    bubblewrap: str | None = None
    mounts: Mounts | None = None
    accounts: Accounts | None = None
    limit_groups: LimitGroups | None = None
    way: Sequence[Path] = ()

    @property
    def counts_processes(self) -> bool:
        """Whether a limit on the processes of a user is one on those of the lab alone."""
        return self.accounts is not None or (
            self.bubblewrap is not None and kernel_version() >= _COUNTED_BY_NAMESPACE
        )

    @property
    def hides_temporary(self) -> bool:
        """Whether labs have fresh temporary directories of their own."""
        covers = () if self.mounts is None else self.mounts.covers
        return any(cover.writable for cover in covers)

    def open_way(self, files: LabFiles) -> None:
        """Let the lab pass to its directory, and see no names on the way. May raise OSError."""
        for place in (*self.way, files.directory) if self.way else ():
            place.chmod(stat.S_IMODE(place.stat().st_mode) | stat.S_IXOTH)

    def options(self, lodging: Lodging) -> Sequence[str] | None:
        """What bubblewrap reads from a descriptor; None without it. May raise OSError."""
        if self.bubblewrap is None or self.mounts is None:
            return None
        mounts = self.mounts.showing(lodging.directory)
        return bubblewrap_options(mounts, lodging.files, lodging.limits)

    def words(self, lodging: Lodging, command: Sequence[str]) -> Sequence[str]:
        """The whole command: each program does its part and becomes the next. Raises
        ToolMissing, or OSError."""
        words: list[str] = []
        if self.bubblewrap is not None:
            words += [self.bubblewrap, "--args", str(OPTIONS_FD), "--"]
        elif self.mounts is not None:
            script = mounting_script(
                self.mounts.showing(lodging.directory), lodging.files, lodging.limits
            )
            words += [tool("unshare"), "--mount", "--", SHELL, "-c", script, "lab"]
        if lodging.account != NOBODYS:
            user, group = f"--reuid={lodging.account}", f"--regid={lodging.account}"
            words += [tool("setpriv"), user, group, "--clear-groups", "--inh-caps=-all"]
            words += ["--bounding-set=-all", "--no-new-privs", "--"]
        words += [str(self.lab_python), "-I", "-S", "-c", _first_program()]
        return [
            *words,
            str(ENVIRONMENT_FD),
            str(lodging.files.work),
            self._limits(lodging),
            *command,
        ]

    def _limits(self, lodging: Lodging) -> str:
        limits = lodging.limits
        wanted = {
            "NOFILE": limits.open_files,
            "FSIZE": limits.file_size_mib * _MIB,
            "CORE": 0,
        }
        if self.limit_groups is None or "memory" not in self.limit_groups.parents:
            # Not the address space: WebAssembly and others reserve far more than they use.
            wanted["DATA"] = limits.memory_mib * _MIB
        if self.counts_processes:
            wanted["NPROC"] = limits.processes
        allowed = {name: _allowed(name, value) for name, value in wanted.items()}
        return ",".join(f"{name}={value}" for name, value in allowed.items())


@cache
def _first_program() -> str:
    # Read once: a release that is laid over this one meanwhile is not mixed into it.
    return _FIRST_PROGRAM.read_text("utf-8")


def kernel_version() -> tuple[int, ...]:
    """The first two numbers of the kernel's version."""
    first = os.uname().release.split("-")[0].split(".")[:2]
    return tuple(int(number) for number in first if number.isdecimal())


def _allowed(name: str, wanted: int) -> int:
    """What may be asked for: a hard limit can only go down."""
    hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
