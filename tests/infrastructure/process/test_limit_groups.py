"""Groups with limits: found by what the kernel says, never made at others' cost."""

import os
from pathlib import Path

import pytest

from infrastructure.process.limit_groups import LimitGroups, find_limit_groups
from infrastructure.templates.definition import Resources

LIMITS = Resources(memory_mib=64, processes=20)


class Machine:
    """A directory that looks like /proc/self and one that looks like mounted controllers."""

    def __init__(self, place: Path, *, unified: bool) -> None:
        self.proc = place / "proc"
        self.mounted = place / "cgroup"
        self.proc.mkdir()
        kind = "cgroup2 cgroup2 rw" if unified else "cgroup cgroup rw,{0}"
        names = [""] if unified else ["memory", "pids"]
        lines = [
            f"30 23 0:26 / {self.mounted / name} rw - {kind.format(name)}\n" for name in names
        ]
        (self.proc / "mountinfo").write_text("".join(lines))
        entries = ["0::/mine"] if unified else ["4:memory:/mine", "8:pids:/mine", "0::/"]
        (self.proc / "cgroup").write_text("\n".join(entries))
        self.groups = [self.mounted / name / "mine" for name in names]
        for group in self.groups:
            self.make(group)

    def make(self, group: Path, *members: int) -> None:
        """A group with the files that the kernel shows in one."""
        group.mkdir(parents=True, exist_ok=True)
        (group / "cgroup.controllers").write_text("cpu memory pids")
        (group / "cgroup.subtree_control").write_text("")
        (group / "cgroup.procs").write_text("\n".join(map(str, members)))

    def find(self, *, change: bool = True) -> LimitGroups:
        """What is found here."""
        return find_limit_groups("labs-x", proc=self.proc, change=change)


def test_each_controller_of_version_1_gets_its_limit(tmp_path: Path) -> None:
    found = Machine(tmp_path, unified=False).find()
    assert found.missing == {}
    memory, pids = found.make("uid-1", LIMITS)
    assert memory == tmp_path / "cgroup/memory/mine/labs-x/uid-1"
    assert (memory / "memory.limit_in_bytes").read_text() == str(64 * 1024 * 1024)
    assert (pids / "pids.max").read_text() == "20"


def test_version_2_has_one_group_for_both(tmp_path: Path) -> None:
    machine = Machine(tmp_path, unified=True)
    machine.make(machine.groups[0] / "labs-x")
    found = machine.find()
    [group] = found.make("uid-1", LIMITS)
    assert (group / "memory.max").read_text() == str(64 * 1024 * 1024)
    assert (group / "pids.max").read_text() == "20"


def test_the_service_steps_aside_so_that_groups_may_be_limited(tmp_path: Path) -> None:
    machine = Machine(tmp_path, unified=True)
    machine.make(machine.groups[0], os.getpid())
    machine.make(machine.groups[0] / "labs-x")
    assert machine.find().missing == {}
    moved = machine.groups[0] / "service/cgroup.procs"
    assert moved.read_text() == str(os.getpid())


def test_processes_of_others_are_never_moved(tmp_path: Path) -> None:
    machine = Machine(tmp_path, unified=True)
    machine.make(machine.groups[0], os.getpid(), os.getppid())
    missing = machine.find().missing
    assert set(missing) == {"memory", "pids"}
    assert "other processes" in missing["memory"]
    assert not (machine.groups[0] / "service").exists()


def test_a_controller_that_is_not_given_is_named(tmp_path: Path) -> None:
    machine = Machine(tmp_path, unified=True)
    (machine.groups[0] / "cgroup.controllers").write_text("cpu")
    assert "memory" in machine.find().missing["memory"]


@pytest.mark.parametrize("unified", [False, True])
def test_looking_changes_nothing(tmp_path: Path, unified: bool) -> None:
    machine = Machine(tmp_path, unified=unified)
    before = sorted(tmp_path.rglob("*"))
    machine.find(change=False)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_machine_without_control_groups_says_so(tmp_path: Path) -> None:
    (tmp_path / "mountinfo").write_text("30 23 0:26 / / rw - ext4 /dev/vda rw\n")
    (tmp_path / "cgroup").write_text("")
    found = find_limit_groups("labs-x", proc=tmp_path)
    assert found.parents == {}
    assert set(found.missing) == {"memory", "pids"}


def test_a_limit_that_is_not_taken_is_no_limit(tmp_path: Path) -> None:
    machine = Machine(tmp_path, unified=False)
    found = machine.find()
    group = machine.groups[0] / "labs-x/uid-1"
    (group / "memory.limit_in_bytes").mkdir(parents=True)
    with pytest.raises(OSError, match="memory"):
        found.make("uid-1", LIMITS)
