"""Groups with limits: found by what the kernel says, never made at others' cost."""

import asyncio
import os
from pathlib import Path

import pytest

from infrastructure.process.limit_groups import LimitGroups, Share, find_limit_groups
from infrastructure.templates.definition import Resources
from tests.contracts.provisioner_waiting import request, running
from tests.infrastructure.process.ground import Ground, closing
from tests.infrastructure.process.scripts import SERVE

LIMITS = Resources(memory_mib=64, processes=20)
DEAF = SERVE + "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nserve()\n"


class Machine:
    """A directory that looks like /proc/self and one that looks like mounted controllers."""

    def __init__(self, place: Path, *, unified: bool) -> None:
        self.proc = place / "proc"
        self.mounted = place / "cgroup"
        self.proc.mkdir()
        kind = "cgroup2 cgroup2 rw" if unified else "cgroup cgroup rw,{0}"
        names = [""] if unified else ["memory", "pids", "cpu"]
        lines = [
            f"30 23 0:26 / {self.mounted / name} rw - {kind.format(name)}\n" for name in names
        ]
        (self.proc / "mountinfo").write_text("".join(lines))
        of_old = ["4:memory:/mine", "8:pids:/mine", "2:cpu:/mine", "0::/"]
        entries = ["0::/mine"] if unified else of_old
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
    memory, pids, _ = found.make("uid-1", LIMITS)
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
    assert set(missing) == {"memory", "pids", "cpu"}
    assert "other processes" in missing["memory"]
    assert not (machine.groups[0] / "service").exists()


def test_a_controller_that_is_not_given_is_named(tmp_path: Path) -> None:
    machine = Machine(tmp_path, unified=True)
    (machine.groups[0] / "cgroup.controllers").write_text("cpu")
    assert "memory" in machine.find().missing["memory"]


@pytest.mark.parametrize(
    ("unified", "file", "all_labs", "hurried", "usual"),
    [(False, "cpu.shares", 102, 10240, 1024), (True, "cpu.weight", 10, 1000, 100)],
)
def test_labs_share_a_tenth_and_who_is_waited_for_goes_first(
    tmp_path: Path, unified: bool, file: str, all_labs: int, hurried: int, usual: int
) -> None:
    machine = Machine(tmp_path, unified=unified)
    machine.make(machine.groups[-1] / "labs-x")
    found = machine.find()
    group = found.make("uid-1", LIMITS)[-1]
    assert int((group.parent / file).read_text()) == all_labs
    assert int((group / file).read_text()) == hurried
    found.weigh("uid-1", Share.USUAL)
    assert int((group / file).read_text()) == usual
    found.weigh("uid-2", Share.USUAL)
    assert not (group.parent / "uid-2").exists()


def test_labs_weigh_no_less_than_others_where_everybody_is_in_one_group(tmp_path: Path) -> None:
    machine = Machine(tmp_path, unified=False)
    entries = (machine.proc / "cgroup").read_text().replace("/mine", "/")
    (machine.proc / "cgroup").write_text(entries)
    labs = machine.find().parents["cpu"]
    assert labs == machine.mounted / "cpu/labs-x"
    assert (labs / "cpu.shares").read_text() == "1024"


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
    assert set(found.missing) == {"memory", "pids", "cpu"}


def test_a_limit_that_is_not_taken_is_no_limit(tmp_path: Path) -> None:
    machine = Machine(tmp_path, unified=False)
    found = machine.find()
    group = machine.groups[0] / "labs-x/uid-1"
    (group / "memory.limit_in_bytes").mkdir(parents=True)
    with pytest.raises(OSError, match="memory"):
        found.make("uid-1", LIMITS)


async def test_a_lab_that_ends_is_in_a_hurry(plain_ground: Ground) -> None:
    template = plain_ground.add_template("deaf", DEAF)
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request(template=template))
        await running(provisioner, "uid-1")
        groups = find_limit_groups(f"labs-{plain_ground.owner}", change=False)
        if "cpu" not in groups.parents:
            pytest.skip(groups.missing["cpu"])
        group = groups.parents["cpu"] / "uid-1"
        file, hurried = ("cpu.weight", "1000") if groups.unified else ("cpu.shares", "10240")
        ending = asyncio.create_task(provisioner.terminate("uid-1", keep_files=False))
        while not ending.done() and (group / file).read_text().strip() != hurried:
            await asyncio.sleep(0.01)
        assert not ending.done(), "it was in a hurry while it had its time to end"
        await ending


def test_groups_in_which_something_is_left_stay_and_that_is_told(tmp_path: Path) -> None:
    groups = LimitGroups(parents={"pids": tmp_path / "pids", "cpu": tmp_path / "cpu"}, missing={})
    (tmp_path / "pids/one/inside").mkdir(parents=True)
    (tmp_path / "cpu/one").mkdir(parents=True)
    assert not groups.remove("one")
    assert not (tmp_path / "cpu/one").exists()
    (tmp_path / "pids/one/inside").rmdir()
    assert groups.remove("one")
    assert groups.remove("one")
