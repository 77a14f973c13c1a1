"""A new service knows the labs of the one before, and no stranger for one of them."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from application.ports.provisioner import RuntimeNotFound
from domain.lab_instance.observation import Ended, Running
from infrastructure.process.accounts import RANGES
from infrastructure.process.proc import read_process
from tests.contracts.provisioner_waiting import ended, request, running
from tests.infrastructure.process.ground import Ground, bubblewrap_missing, closing
from tests.infrastructure.process.scripts import PLAIN


@pytest.fixture
def stranger() -> Iterator[int]:
    """A process that is nobody's lab."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process.pid
        process.kill()


async def test_a_lab_outlives_its_service_and_is_adopted(ground: Ground) -> None:
    first = ground.provisioner()
    await first.ensure(request())
    before = await running(first, "uid-1")
    link = await first.access("uid-1")
    await first.close()
    second = ground.provisioner()
    async with closing(ground, second):
        pids = ground.pids_of("uid-1")
        assert await second.observe("uid-1") == before
        await second.ensure(request())
        assert ground.pids_of("uid-1") == pids
        assert await second.access("uid-1") == link
        await second.terminate("uid-1", keep_files=False)
        assert ground.pids_of("uid-1") == []


async def test_the_exit_of_an_adopted_lab_is_told(plain_ground: Ground) -> None:
    first = plain_ground.provisioner()
    await first.ensure(request())
    await running(first, "uid-1")
    await first.close()
    second = plain_ground.provisioner()
    async with closing(plain_ground, second):
        await running(second, "uid-1")
        os.kill(plain_ground.record_of("uid-1")["pid"], 9)
        assert await anext(second.exits()) == "uid-1"
        assert (await ended(second, "uid-1")).reason == "ProcessGone"


async def test_a_start_that_was_not_written_down_any_more_is_not_repeated(
    ground: Ground,
) -> None:
    first = ground.provisioner()
    await first.ensure(request())
    await running(first, "uid-1")
    await first.close()
    pids = ground.pids_of("uid-1")
    ground.change_record("uid-1", pid=0, start_time=0, ready=False)
    second = ground.provisioner()
    async with closing(ground, second):
        await second.ensure(request())
        await running(second, "uid-1")
        assert ground.pids_of("uid-1") == pids


async def test_a_start_that_never_happened_is_told_and_repeated(plain_ground: Ground) -> None:
    first = plain_ground.provisioner()
    await first.ensure(request())
    await first.terminate("uid-1", keep_files=True)
    await first.close()
    plain_ground.change_record("uid-1", pid=0, start_time=0, ready=False, stopped=False)
    second = plain_ground.provisioner()
    async with closing(plain_ground, second):
        assert (await ended(second, "uid-1")).reason == "StartInterrupted"
        await second.ensure(request())
        await running(second, "uid-1")


@pytest.mark.parametrize("known_start", [False, True])
async def test_a_stranger_with_the_number_of_a_lab_is_left_alone(
    plain_ground: Ground, stranger: int, known_start: bool
) -> None:
    first = plain_ground.provisioner()
    await first.ensure(request())
    await running(first, "uid-1")
    await first.terminate("uid-1", keep_files=True)
    await first.close()
    process = read_process(stranger)
    assert process is not None
    start_time = process.start_time if known_start else process.start_time - 1
    plain_ground.change_record("uid-1", pid=stranger, start_time=start_time, stopped=False)
    second = plain_ground.provisioner()
    async with closing(plain_ground, second):
        assert (await ended(second, "uid-1")).reason == "ProcessGone"
        await second.terminate("uid-1", keep_files=False)
        assert read_process(stranger) == process


async def test_after_a_restart_of_the_machine_every_lab_has_ended(plain_ground: Ground) -> None:
    first = plain_ground.provisioner()
    async with closing(plain_ground, first):
        await first.ensure(request())
        await running(first, "uid-1")
        await first.close()
        plain_ground.change_record("uid-1", boot_id="another")
        second = plain_ground.provisioner()
        seen = await second.observe("uid-1")
        await second.close()
    assert isinstance(seen, Ended)
    assert seen.message == "the machine was restarted"


async def test_a_record_that_cannot_be_read_leaves_something_to_terminate(
    plain_ground: Ground,
) -> None:
    first = plain_ground.provisioner()
    await first.ensure(request())
    assert isinstance(await running(first, "uid-1"), Running)
    await first.close()
    (plain_ground.path_of("uid-1") / "record.json").write_text('{"lab": ')
    second = plain_ground.provisioner()
    async with closing(plain_ground, second):
        assert [runtime.uid for runtime in await second.list()] == ["uid-1"]
        await second.terminate("uid-1", keep_files=False)
        assert not plain_ground.path_of("uid-1").exists()


@pytest.mark.parametrize("left", [None, "", "cut o"])
async def test_a_lost_mark_is_found_again_in_the_records(
    plain_ground: Ground, left: str | None
) -> None:
    first = plain_ground.provisioner()
    async with closing(plain_ground, first):
        await first.ensure(request())
        await running(first, "uid-1")
        await first.close()
        mark, pids = plain_ground.owner, plain_ground.pids_of("uid-1")
        _lose_the_mark(plain_ground, left)
        second = plain_ground.provisioner()
        await running(second, "uid-1")
        assert plain_ground.owner == mark
        await second.terminate("uid-1", keep_files=False)
        await second.close()
        assert [pid for pid in pids if read_process(pid)] == []


async def test_a_process_on_record_is_ended_whatever_mark_it_carries(ground: Ground) -> None:
    first = ground.provisioner()
    async with closing(ground, first):
        await first.ensure(request())
        await running(first, "uid-1")
        await first.close()
        pids = ground.pids_of("uid-1")
        (ground.data_dir / "labs/.owner").write_text(str(uuid4()))
        second = ground.provisioner()
        proof = await second.terminate("uid-1", keep_files=False)
        await second.close()
        left = [pid for pid in pids if read_process(pid)]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert left == []
        assert f"processes ended: {len(pids)}" in proof


async def test_a_directory_of_labs_that_was_removed_is_made_again_with_the_same_mark(
    plain_ground: Ground,
) -> None:
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request())
        await running(provisioner, "uid-1")
        mark = plain_ground.owner
        shutil.rmtree(plain_ground.data_dir / "labs")
        await provisioner.probe()
        assert plain_ground.owner == mark
        assert (await ended(provisioner, "uid-1")).reason == "FilesGone"
        await provisioner.ensure(request(revision=2))
        await running(provisioner, "uid-1")
        assert [runtime.uid for runtime in await provisioner.list()] == ["uid-1"]


def _lose_the_mark(ground: Ground, left: str | None) -> None:
    mark = ground.data_dir / "labs/.owner"
    if left is None:
        mark.unlink()
    else:
        mark.write_text(left)


async def test_the_work_of_a_lab_that_ran_as_root_goes_on_as_a_user_of_its_own(
    ground: Ground,
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only labs of root's change their user")
    work = ground.path_of("uid-1") / "work"
    (work / "deep").mkdir(mode=0o700, parents=True)
    (work / "deep/notes.txt").write_text("of yesterday")
    (work / "deep/notes.txt").chmod(0o600)
    provisioner = ground.provisioner()
    async with closing(ground, provisioner):
        await provisioner.ensure(request())
        await running(provisioner, "uid-1")
        account = ground.record_of("uid-1")["account"]
        assert account in RANGES[0]
        for path in (work, work / "deep", work / "deep/notes.txt", work / "index.html"):
            assert (path.stat().st_uid, path.stat().st_gid) == (account, account)
        await provisioner.ensure(request(revision=2))
        await running(provisioner, "uid-1")
        assert ground.record_of("uid-1")["account"] == account, "a repair keeps it"


async def test_a_lab_that_runs_less_confined_than_labs_do_now_is_told_of(
    plain_ground: Ground,
) -> None:
    if bubblewrap_missing():
        pytest.skip(bubblewrap_missing())
    first = plain_ground.provisioner()
    await first.ensure(request())
    await running(first, "uid-1")
    await first.close()
    plain_ground.level = "bubblewrap"
    second = plain_ground.provisioner()
    async with closing(plain_ground, second):
        health = await second.probe()
        assert health.isolation == "bubblewrap"
        assert "labs of an earlier start run as they were confined then (1)" in health.message
        await second.ensure(request(revision=2))
        await running(second, "uid-1")
        assert (await second.probe()).message == ""


async def test_a_lab_whose_template_was_removed_opens_by_its_link(
    plain_ground: Ground, tmp_path: Path
) -> None:
    template = plain_ground.add_template("plain", PLAIN)
    first = plain_ground.provisioner()
    await first.ensure(request(template=template))
    await running(first, "uid-1")
    link = await first.access("uid-1")
    await first.close()
    assert "?token=sesame" in link
    plain_ground.templates = tmp_path / "none"
    plain_ground.templates.mkdir()
    second = plain_ground.provisioner()
    async with closing(plain_ground, second):
        assert await second.access("uid-1") == link
        await second.close()
        plain_ground.change_record("uid-1", access="")
        third = plain_ground.provisioner()
        with pytest.raises(RuntimeNotFound):
            await third.access("uid-1")
        await third.close()
