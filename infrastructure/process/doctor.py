"""Reports, part by part, how labs can be confined on this machine, what each part protects from,
and what to do about what is missing. It starts trials, and changes nothing that stays."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from infrastructure.process.accounts import usable_range
from infrastructure.process.confinement import kernel_version
from infrastructure.process.isolation import (
    Isolation,
    IsolationRefused,
    Premises,
    advice_for,
    choose_isolation,
    trouble_with_bubblewrap,
    with_bubblewrap,
)
from infrastructure.process.lab_python import find_lab_python
from infrastructure.process.limit_groups import LimitGroups, find_limit_groups
from infrastructure.process.precedence import can_sacrifice
from infrastructure.process.programs import ToolMissing, tool
from infrastructure.process.settings import ProcessSettings

_SWITCHED_OFF_BY = {
    "user/max_user_namespaces": "0",
    "kernel/unprivileged_userns_clone": "0",
    "kernel/apparmor_restrict_unprivileged_userns": "1",
}
_GROUP_NAME = "labs-doctor"
_COUNTED = (
    ("memory", "limit of memory", "memory"),
    ("pids", "limit of processes", "processes"),
    ("cpu", "share of the processor", "time; without it labs are only nicer than the service"),
)
_PATIENCE = 10
_MIB = 1024 * 1024
_DELEGATE = "give the service a control group of its own (systemd: Delegate=yes, or root)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the confinement. `ok`: None when it is only to be known. `protects`: what
    from. `remedy`: what to do when it is missing."""

    name: str
    ok: bool | None
    found: str
    protects: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """`met`: whether what LAB_ISOLATION demands can be had; `verdict` says so in a line."""

    parts: Sequence[Part]
    met: bool
    verdict: str


def examine(settings: ProcessSettings) -> Diagnosis:
    """Look at every part, and try what the service would choose. May raise OSError."""
    as_root = os.geteuid() == 0
    groups = find_limit_groups(_GROUP_NAME, change=False)
    data_dir = settings.data_dir.resolve()
    with tempfile.TemporaryDirectory(prefix="labctl-doctor-") as place:
        premises = Premises(
            data_dir=data_dir,
            root=(data_dir / "labs").resolve(),
            trial_in=Path(place),
            lab_python=settings.lab_python.absolute(),
            limit_groups=LimitGroups(parents={}, missing={}),
            as_root=as_root,
        )
        parts = [
            _user(as_root),
            _python(premises),
            *_namespaces(as_root),
            *_sandbox(premises),
            *([_own_users()] if as_root else []),
            *_whole_lab(groups, as_root),
            _memory(),
            _disk(data_dir),
            _network(),
        ]
        return _judged(parts, settings, premises)


def report(diagnosis: Diagnosis) -> Iterator[str]:
    """The diagnosis in lines for a terminal."""
    marks = {True: "ok     ", False: "missing", None: "note   "}
    for part in diagnosis.parts:
        yield f"{marks[part.ok]}  {part.name}: {part.found}"
        if part.protects:
            yield f"{'':9}against: {part.protects}"
        if part.remedy and not part.ok:
            yield f"{'':9}to do: {part.remedy}"
    yield diagnosis.verdict


def _judged(parts: Sequence[Part], settings: ProcessSettings, premises: Premises) -> Diagnosis:
    demand = f"LAB_ISOLATION={settings.isolation}"
    try:
        chosen: Isolation = choose_isolation(settings.isolation, premises)
    except IsolationRefused as refusal:
        return Diagnosis(parts=parts, met=False, verdict=f"{demand} cannot be met: {refusal}")
    return Diagnosis(parts=parts, met=True, verdict=f"{demand} is met: {chosen.label}")


def _user(as_root: bool) -> Part:
    if not as_root:
        return Part(name="user", ok=None, found=f"an ordinary user ({os.geteuid()}), as labs are")
    numbers = usable_range()
    if numbers is None:
        remedy = "start the service as an ordinary user"
        return Part(name="user", ok=False, found="root, without users for labs", remedy=remedy)
    found = f"root; each lab is a user of its own, {numbers[0]} to {numbers[-1]}"
    return Part(name="user", ok=True, found=found, protects="what root may read and change")


def _python(premises: Premises) -> Part:
    python = find_lab_python(premises.lab_python)
    ok = python.answers
    return Part(
        name="labs' Python",
        ok=ok,
        found=f"{python.program}" + ("" if ok else " does not run"),
        remedy="make setup, or name another in LAB_RUNTIME_PYTHON",
    )


def _namespaces(as_root: bool) -> Iterator[Part]:
    for name, off in _SWITCHED_OFF_BY.items():
        try:
            value = Path("/proc/sys", name).read_text(encoding="ascii").strip()
        except OSError:  # this kernel has no such switch
            continue
        key = name.replace("/", ".")
        yield Part(
            name="user namespaces",
            ok=value != off or (None if as_root else False),
            found=f"{key}={value}",
            protects="nothing by itself; bubblewrap needs them when an ordinary user runs it",
            remedy=f"set {key}, or install an AppArmor profile for bubblewrap",
        )


def _sandbox(premises: Premises) -> Iterator[Part]:
    program = shutil.which("bwrap")
    try:
        confinement = with_bubblewrap(premises, find_lab_python(premises.lab_python))
        why = trouble_with_bubblewrap(premises, confinement)
    except IsolationRefused as refusal:
        why = str(refusal)
    if program is not None:
        setuid = Path(program).stat().st_mode & stat.S_ISUID
        found = f"{program}, {_version(program)}" + (", setuid" if setuid else "")
        yield Part(name="bubblewrap", ok=True, found=found)
    yield Part(
        name="sandbox",
        ok=not why,
        found=why or "a trial holds: own directory only, no secrets, no other processes",
        protects="other labs' files, the service's secrets, other processes, a read-only system",
        remedy=advice_for(why),
    )


def _own_users() -> Part:
    protects = "labs running as root"
    try:
        found = ", ".join(tool(name) for name in ("setpriv", "unshare"))
    except ToolMissing as missing:
        return Part(name="tools", ok=False, found=str(missing), protects=protects)
    return Part(name="tools", ok=True, found=found, protects=protects)


def _whole_lab(groups: LimitGroups, as_root: bool) -> Iterator[Part]:
    for controller, name, of in _COUNTED:
        parent = groups.parents.get(controller)
        yield Part(
            name=name,
            ok=parent is not None,
            found=f"a control group in {parent.parent}" if parent else groups.missing[controller],
            protects=f"one lab that takes all {of}",
            remedy=_DELEGATE,
        )
    if "pids" not in groups.parents:
        counted = as_root or kernel_version() >= (5, 14)
        yield Part(
            name="limit of processes",
            ok=counted,
            found="by user" if counted else "Linux before 5.14 counts all of the user's as one",
            protects="one lab that takes all processes, in a sandbox",
            remedy=_DELEGATE,
        )


def _memory() -> Part:
    ok = can_sacrifice()
    return Part(
        name="out of memory",
        ok=ok,
        found="labs are ended before the service" if ok else "/proc/*/oom_score_adj is read-only",
        protects="labs for which the kernel ends the service",
        remedy="let the service write to it, or set OOMScoreAdjust= for the service below 0",
    )


def _disk(data_dir: Path) -> Part:
    there = next(place for place in (data_dir, *data_dir.parents) if place.exists())
    free = shutil.disk_usage(there).free // _MIB
    return Part(
        name="limit of disk",
        ok=None,
        found=f"no quota: labs are measured now and then; {free} MiB are free in {there}",
        remedy="put LAB_DATA_DIR/labs on a file system of its own, apart from the log's",
    )


def _network() -> Part:
    return Part(
        name="network",
        ok=None,
        found="labs share this machine's: what listens on it must ask who comes",
    )


def _version(program: str) -> str:
    words = [program, "--version"]
    try:
        answer = subprocess.run(  # noqa: S603  the program that labs would be started with
            words, capture_output=True, text=True, timeout=_PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"which does not say its version ({type(error).__name__})"
    return answer.stdout.strip()[:80]
