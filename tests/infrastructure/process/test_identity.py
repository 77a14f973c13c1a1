"""Whose a process is follows from what the service has written and what the kernel holds."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Absent
from infrastructure.process import record
from infrastructure.process.cgroups import ControlGroups, dissolve, open_groups, pids_in
from infrastructure.process.kin import Roots, kin
from infrastructure.process.proc import Process, number, own_line, read, read_process
from infrastructure.process.spawning import Started
from tests.contracts.provisioner_waiting import ended, request, running
from tests.infrastructure.process.ground import Ground, bubblewrap_missing, closing

WRITTEN = (
    b'{"lab":{"namespace":"class","name":"ann"},"uid":"uid-1","revision":1,"template":"static",'
    b'"spec_hash":"","port":8888,"isolation":"bubblewrap","boot_id":"1"}'
)


@contextmanager
def pretending(**tags: str | bytes) -> Iterator[int]:
    """A process that carries the marks of a lab in its environment."""
    environment = {"PATH": os.environ["PATH"], **tags}
    with subprocess.Popen(
        ["sleep", "600"],
        env={os.fsencode(k): os.fsencode(v) for k, v in environment.items()},
        start_new_session=True,
    ) as process:
        try:
            yield process.pid
        finally:
            process.kill()


@pytest.mark.parametrize("revision", ["²", b"\xff\xfe", "9" * 5_000])
async def test_the_words_of_a_process_about_itself_are_not_believed_and_stop_nothing(
    plain_ground: Ground, revision: str | bytes
) -> None:
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request())
        await running(provisioner, "uid-1")
        tags = {"LAB_OWNER": plain_ground.owner, "LAB_ID": "class/victim" * 5_000}
        with (
            pretending(**tags, LAB_UID="uid-9", LAB_REVISION=revision) as stranger,
            pretending(**tags, LAB_UID="uid-1", LAB_REVISION=revision) as mimic,
        ):
            assert [one.uid for one in await provisioner.list()] == ["uid-1"]
            assert await provisioner.observe("uid-9") == Absent()
            assert "nothing to remove" in await provisioner.terminate("uid-9", keep_files=False)
            await provisioner.terminate("uid-1", keep_files=False)
            assert read_process(stranger)
            assert read_process(mimic)


async def test_a_lab_whose_group_cannot_be_had_is_known_by_its_sandbox(tmp_path: Path) -> None:
    if bubblewrap_missing():
        pytest.skip(bubblewrap_missing())
    ground = Ground(data_dir=tmp_path / "data", level="bubblewrap")
    first = ground.provisioner()
    async with closing(ground, first):
        await first.ensure(request())
        await running(first, "uid-1")
        await first.close()
        pids = ground.pids_of("uid-1")
        ground.change_record("uid-1", group="")
        _move_out_of_groups(pids)
        os.kill(ground.record_of("uid-1")["pid"], signal.SIGKILL)
        second = ground.provisioner()
        assert (await ended(second, "uid-1")).reason == "ProcessGone"
        left = [pid for pid in pids if read_process(pid)]
        await second.terminate("uid-1", keep_files=False)
        await second.close()
        assert left
        assert [pid for pid in pids if read_process(pid)] == []


async def test_a_lab_of_an_earlier_version_is_adopted_and_removed(ground: Ground) -> None:
    first = ground.provisioner()
    async with closing(ground, first):
        await first.ensure(request())
        before = await running(first, "uid-1")
        await first.close()
        pids = ground.pids_of("uid-1")
        _move_out_of_groups(pids)
        _forget_new_fields(ground)
        second = ground.provisioner()
        assert await second.observe("uid-1") == before
        await second.terminate("uid-1", keep_files=False)
        await second.close()
        assert [pid for pid in pids if read_process(pid)] == []


def test_a_process_that_was_not_let_go_ends_and_has_done_nothing(tmp_path: Path) -> None:
    reading, gate = os.pipe2(os.O_CLOEXEC)
    done = tmp_path / "done"
    words = ["/bin/sh", "-c", f'read -r _ <&{reading} && touch "{done}"']
    with subprocess.Popen(words, pass_fds=[reading]) as process:
        os.close(reading)
        Started(process.pid, gate).close()
        process.wait(20)
    assert not done.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 60_000,
        b'{"lab": ' + b'{"a":' * 12_000,
        b"\xff",
        b"{}",
        b" " * (record.MOST_BYTES + 1),
        WRITTEN.replace(b'"name":"ann"', b'"name":"../ann"'),
        WRITTEN.replace(b'"name":"ann"', b'"name":""'),
        WRITTEN.replace(b'"namespace":"class"', b'"namespace":"Class\\n"'),
    ],
)
def test_a_record_that_is_none_is_read_as_none(content: bytes) -> None:
    assert record.decode(content) is None


def test_a_record_that_is_one_is_read() -> None:
    read = record.decode(WRITTEN)
    assert read is not None
    assert read.lab == LabKey("class", "ann")


def test_a_process_is_read_no_further_than_a_bound() -> None:
    most = 16 * 1024
    assert len(Path("/proc/self/maps").read_bytes()) > most
    assert 0 < len(read(os.getpid(), "maps")) <= most


@given(st.binary(max_size=30))
def test_only_plain_digits_are_a_number(text: bytes) -> None:
    plain = 0 < len(text) <= 19 and all(byte in b"0123456789" for byte in text)
    assert number(text) == (int(text) if plain else None)


def test_digits_of_other_scripts_are_no_number() -> None:
    for text in ("²", "٣", "\uff13", "1_0", "+1", " 1"):
        assert number(text.encode()) is None


PROCESSES = st.lists(
    st.tuples(st.integers(2, 30), st.integers(1, 30), st.integers(1, 30)),
    unique_by=lambda one: one[0],
)


@given(PROCESSES, st.sets(st.integers(2, 30)))
def test_kin_is_closed_under_descent_and_spares_this_process(
    found: list[tuple[int, int, int]], members: set[int]
) -> None:
    seen = {
        pid: Process(pid=pid, start_time=pid, parent=parent, session=session)
        for pid, parent, session in found
    }
    seen[os.getpid()] = Process(pid=os.getpid(), start_time=1, parent=2, session=1)
    spared = own_line(seen)
    belonging = {one.pid for one in kin(seen, Roots(members=members))}
    assert not belonging & spared
    assert members & seen.keys() <= belonging | spared
    children = {one.pid for one in seen.values() if one.parent in belonging}
    assert children <= belonging | spared


async def test_a_group_is_left_by_no_descendant_and_ends_with_it(tmp_path: Path) -> None:
    groups = open_groups("tests")
    with subprocess.Popen(
        [sys.executable, "-c", "input(); import os; os.fork() or os.setsid(); os.fork(); input()"],
        stdin=subprocess.PIPE,
    ) as process:
        group = groups.enter("uid-1", process.pid)
        if not group:
            process.kill()
            pytest.skip("no control group can be made here")
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        async with asyncio.timeout(20):
            while len(pids_in(Path(group))) < 3:
                await asyncio.sleep(0.02)
        assert groups.of("uid-1") == (Path(group),)
        (Path(group) / "cgroup.kill").write_text("1")
        async with asyncio.timeout(20):
            while groups.of("uid-1"):
                process.poll()
                _dissolve(groups)
                await asyncio.sleep(0.02)


def test_only_groups_of_labs_are_believed() -> None:
    groups = open_groups("tests")
    for path in ("/", "/sys/fs/cgroup", "/sys/fs/cgroup/../cgroup/labs-x/uid-1", "/tmp/uid-1"):
        assert groups.of("uid-1", path) == ()


def _dissolve(groups: ControlGroups) -> None:
    for group in groups.of("uid-1"):
        dissolve(group)


def _move_out_of_groups(pids: list[int]) -> None:
    place = open_groups("tests").place
    if place is not None and os.access(place / "cgroup.procs", os.W_OK):
        for pid in pids:
            (place / "cgroup.procs").write_text(str(pid))


def _forget_new_fields(ground: Ground) -> None:
    kept = ground.record_of("uid-1")
    for name in ("group", "init_pid", "init_start_time"):
        del kept[name]
    (ground.path_of("uid-1") / "record.json").write_text(json.dumps(kept))
