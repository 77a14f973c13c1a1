"""Tries a confinement as a lab would live in it, before any lab does."""

import os
import select
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import msgspec

from infrastructure.process.accounts import NOBODYS, give
from infrastructure.process.confinement import Confinement, Lodging
from infrastructure.process.files import LabFiles
from infrastructure.process.limit_groups import LimitGroups
from infrastructure.process.plain_files import read_plain
from infrastructure.process.programs import ToolMissing
from infrastructure.process.spawning import spawn
from infrastructure.templates.definition import Resources

PATIENCE = 20.0
_PROGRAM = Path(__file__).with_name("trial_program.py")
_ANSWER_AT_MOST = 64 * 1024
_SHOWN = 300
_NAME = ".trial"
_ENDING = 1.0
_BETWEEN_LOOKS = 0.005


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of the trial's program."""

    user: int
    group: int
    groups: Sequence[int]
    capabilities: int
    may_gain: bool
    processes: str
    read: Sequence[str]
    kernel: bool
    writes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`root`: where the trial's directory is made, as a lab's would be. `forbidden`: what
    must not be read from inside. `patience`: seconds."""

    root: Path
    forbidden: Sequence[Path]
    patience: float = PATIENCE

    def trouble(self, confinement: Confinement) -> str:
        """What is wrong with the confinement, in a line; empty when it holds. Leaves nothing."""
        files = LabFiles(self.root, _NAME)
        shutil.rmtree(files.directory, ignore_errors=True)
        try:
            return self._tried(confinement, files)
        except (OSError, ToolMissing) as error:
            return str(error)
        finally:
            if confinement.limit_groups is not None:
                _remove(confinement.limit_groups)
            shutil.rmtree(files.directory, ignore_errors=True)

    def _tried(self, confinement: Confinement, files: LabFiles) -> str:
        accounts = confinement.accounts
        account = NOBODYS if accounts is None else accounts.allot(str(files.work))
        beside = _furnished(files, account)
        program = _PROGRAM.read_text("utf-8")
        command = [str(confinement.lab_python), "-I", "-c", program]
        command += [str(place) for place in (*self.forbidden, beside)]
        status = self._status(confinement, _lodging(files, account), command)
        if status is None:
            return f"it did not end within {self.patience:g} s"
        words = read_plain(files.log, most=_ANSWER_AT_MOST) or b""
        try:
            found = msgspec.json.decode(words.splitlines()[-1], type=Found)
        except (msgspec.DecodeError, IndexError):
            return f"it ended with status {status}: {_shown(words)}"
        return _judged(found, confinement, account)

    def _status(
        self, confinement: Confinement, lodging: Lodging, command: Sequence[str]
    ) -> int | None:
        started = spawn(confinement, lodging, command, outer={}, inner={"PATH": os.defpath})
        try:
            if confinement.limit_groups is not None:
                confinement.limit_groups.enter(_NAME, started.pid, lodging.limits)
            started.let_go()
        finally:
            started.close()
        return _status_of(started.pid, self.patience)


def _remove(groups: LimitGroups) -> None:
    """What the sandbox's last process leaves a moment after its first one is waited for."""
    deadline = monotonic() + _ENDING
    while not groups.remove(_NAME) and monotonic() < deadline:
        sleep(_BETWEEN_LOOKS)


def _furnished(files: LabFiles, account: int) -> Path:
    """Make what a lab has; return what lies beside it, as a lab's record does."""
    for made in (files.directory, files.work, files.temporary):
        made.mkdir(mode=0o700)
    files.write_token("trial")
    beside = files.directory / "beside"
    beside.touch(mode=0o600)
    if account != NOBODYS:
        for own in (files.work, files.temporary, files.token):
            give(own, account)
    return beside


def _lodging(files: LabFiles, account: int) -> Lodging:
    return Lodging(files=files, directory=_PROGRAM.parent, limits=Resources(), account=account)


def _judged(found: Found, confinement: Confinement, account: int) -> str:
    if not found.writes:
        return "a lab could not write to its own directory"
    if found.read and (confinement.mounts is not None or account != NOBODYS):
        return f"a lab could read {found.read[0]}"
    if account != NOBODYS and (found.user, found.group) != (account, account):
        return f"a lab would run as user {found.user} instead of {account}"
    if found.groups and account != NOBODYS:
        return "a lab would keep groups of the service's"
    if confinement.bubblewrap and found.processes == str(Path("/proc/self/ns/pid").readlink()):
        return "a lab could see the machine's processes"
    if (confinement.bubblewrap or account != NOBODYS) and found.capabilities:
        return "a lab would have capabilities"
    if (confinement.bubblewrap or account != NOBODYS) and (found.kernel or found.may_gain):
        return "a lab could change the kernel's settings or gain privileges"
    return ""


def _status_of(pid: int, patience: float) -> int | None:
    """How the process ended; None when it had to be killed."""
    handle = os.pidfd_open(pid)
    try:
        ended, _, _ = select.select([handle], [], [], patience)
    finally:
        os.close(handle)
    if not ended:
        os.killpg(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) if ended else None


def _shown(words: bytes) -> str:
    text = " ".join(words.decode("utf-8", errors="replace").split())
    return text[-_SHOWN:] or "it ended without a word"
