"""Limits and a share for a lab as a whole: control groups with controllers, where this machine
lets us make them. What answers whose a process is stands in `cgroups`, and needs no controller."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from infrastructure.process.cgroups import SERVICE, labs_place
from infrastructure.process.proc import read_process
from infrastructure.templates.definition import Resources

_CONTROLLERS = ("memory", "pids", "cpu")
_LIMITING = ("memory", "pids")
_MIB = 1024 * 1024
_OLD_FILES = {
    "memory": ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
    "pids": ("pids.max",),
}
_MEMBERS = "cgroup.procs"
_OF_ALL_LABS = 10
_USUAL, _USUAL_ONCE = 100, 1024  # what a group has that nobody changed: version 2 and version 1


class Share(Enum):
    """How much a lab gets of the processor when all want it, against other labs. All together
    weigh a tenth of the service, or as much where the service shares the machine's outermost
    group with everybody. What nobody else wants, anybody has."""

    HURRIED = 10 * _USUAL
    """While somebody waits for it: it starts or ends, which is soon over."""
    USUAL = _USUAL


class NoCgroups(Exception):
    """A controller cannot be used here; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitGroups:
    """`parents`: for each controller that can be used, the group that labs' groups are made in.
    `missing`: why the others cannot be. `unified`: whether it is version 2."""

    parents: Mapping[str, Path]
    missing: Mapping[str, str]
    unified: bool = False

    def enter(self, uid: str, pid: int, limits: Resources) -> None:
        """Put the process, with all that descends from it, under the limits of that lab. May
        raise OSError."""
        for group in self.make(uid, limits):
            (group / _MEMBERS).write_text(str(pid), encoding="ascii")

    def make(self, uid: str, limits: Resources) -> Sequence[Path]:
        """The groups of that lab with its limits in force, which is in a hurry. May raise
        OSError."""
        wanted = {"memory": limits.memory_mib * _MIB, "pids": limits.processes}
        groups: list[Path] = []
        for controller, parent in self.parents.items():
            group = parent / uid
            group.mkdir(parents=True, exist_ok=True)
            if controller in wanted:
                self._limit(group, controller, wanted[controller])
            groups.append(group)
        self.weigh(uid, Share.HURRIED)
        return list(dict.fromkeys(groups))

    def weigh(self, uid: str, share: Share) -> None:
        """Give the lab that share of the processor, where shares can be given and it is there."""
        parent = self.parents.get("cpu")
        if parent is not None:
            with suppress(OSError):  # it has no group: it was started without one, or is gone
                _weigh(parent / uid, share.value, unified=self.unified)

    def remove(self, uid: str) -> bool:
        """Remove the lab's groups; those in which something still runs stay, and it is False."""
        groups = [parent / uid for parent in set(self.parents.values())]
        for group in groups:
            with suppress(OSError):
                group.rmdir()
        return not any(group.exists() for group in groups)

    def close(self) -> None:
        """Remove what is empty, the labs' common groups as well."""
        for parent in set(self.parents.values()):
            with suppress(OSError):
                for group in [entry for entry in parent.iterdir() if entry.is_dir()]:
                    self.remove(group.name)
                parent.rmdir()

    def _limit(self, group: Path, controller: str, value: int) -> None:
        if self.unified:
            (group / f"{controller}.max").write_text(str(value), encoding="ascii")
            if controller == "memory":
                with suppress(OSError):  # a kernel without swap accounting has no such file
                    (group / "memory.swap.max").write_text("0", encoding="ascii")
            return
        first, *further = _OLD_FILES[controller]
        # A limit is lowered from the first file on and raised from the last: try both ways.
        for name in (first, *further, first):
            with suppress(OSError):
                (group / name).write_text(str(value), encoding="ascii")
        if (group / first).read_text(encoding="ascii").strip() != str(value):
            raise OSError(f"{group / first} does not take the limit {value}")


def find_limit_groups(
    name: str, *, proc: Path = Path("/proc/self"), change: bool = True
) -> LimitGroups:
    """What of control groups can be used, below the group that this process is in. The labs'
    common group gets that name. Without `change` nothing is made, only looked at."""
    mounts = _mounts((proc / "mountinfo").read_text(encoding="utf-8", errors="replace"))
    entries = (proc / "cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    own: dict[str, str] = {}
    for entry in entries:
        _, controllers, path = entry.split(":", 2)
        own |= dict.fromkeys(controllers.split(","), path)
    parents: dict[str, Path] = {}
    missing: dict[str, str] = {}
    unified = not any(controller in mounts for controller in _LIMITING)
    for controller in _CONTROLLERS:
        key = "" if unified else controller
        if key not in mounts or key not in own:
            missing[controller] = "the kernel or the container offers none"
            continue
        try:
            group = labs_place(mounts[key] / own[key].lstrip("/"), name)
            parents[controller] = _usable(group, name, controller, unified=unified, change=change)
            if controller == "cpu" and change:
                _weigh(parents["cpu"], _of_all_labs(own[key], unified), unified=unified)
        except (NoCgroups, OSError) as error:
            missing[controller] = str(error)
    return LimitGroups(parents=parents, missing=missing, unified=unified)


def _mounts(mountinfo: str) -> Mapping[str, Path]:
    """Where each controller is mounted; version 2 is under the empty name."""
    found: dict[str, Path] = {}
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        place, kind, options = before.split()[4], after.split()[0], after.split()[-1]
        if kind == "cgroup2":
            found[""] = Path(place)
        elif kind == "cgroup":
            found |= dict.fromkeys(options.split(","), Path(place))
    return found


def _usable(group: Path, name: str, controller: str, *, unified: bool, change: bool) -> Path:
    if not os.access(group, os.W_OK):
        raise NoCgroups(f"{group} cannot be written to; delegate it (systemd: Delegate=yes)")
    if unified and controller not in (group / "cgroup.controllers").read_text().split():
        raise NoCgroups(f"{group} is not given the controller {controller}")
    parent = group / name
    if change:
        parent.mkdir(exist_ok=True)
        if unified:
            _hand_down(group, controller)
            _hand_down(parent, controller)
    return parent


def _of_all_labs(own: str, unified: bool) -> int:
    # Beside everybody's processes, little would be little against whatever runs on the machine.
    return _USUAL if own == "/" and not unified else _OF_ALL_LABS


def _weigh(group: Path, weight: int, *, unified: bool) -> None:
    if unified:
        (group / "cpu.weight").write_text(str(weight), encoding="ascii")
    else:
        shares = weight * _USUAL_ONCE // _USUAL
        (group / "cpu.shares").write_text(str(shares), encoding="ascii")


def _hand_down(group: Path, controller: str) -> None:
    """Let the groups inside use the controller. Only a group without processes of its own may
    do so: this service moves into one beside the labs'. Others are left where they are."""
    control = group / "cgroup.subtree_control"
    if controller in control.read_text(encoding="ascii").split():
        return
    members = (group / _MEMBERS).read_text(encoding="ascii").split()
    if not all(_is_ours(int(pid)) for pid in members):
        raise NoCgroups(f"{group} holds other processes; give the service a group of its own")
    own = group / SERVICE
    if members:
        own.mkdir(exist_ok=True)
    for pid in members:
        (own / _MEMBERS).write_text(pid, encoding="ascii")
    control.write_text(f"+{controller}", encoding="ascii")


def _is_ours(pid: int) -> bool:
    process = read_process(pid)
    return process is None or os.getpid() in {process.pid, process.parent}
