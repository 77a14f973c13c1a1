"""Starting and stopping whole process trees, and knowing one's own."""

import asyncio
import os
import signal
from pathlib import Path

from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Absent, Running, Starting
from infrastructure.process.proc import read_process
from infrastructure.process.provisioner import ProcessProvisioner
from tests.contracts.provisioner_waiting import ended, request, running
from tests.infrastructure.process.ground import Ground, closing, shown_of
from tests.infrastructure.process.scripts import ESCAPING, PLAIN, SLEEPING


async def test_a_process_that_escaped_and_ignores_signals_is_killed(ground: Ground) -> None:
    template = ground.add_template("escaping", ESCAPING)
    ground.settings["grace"] = 0.5
    provisioner = ground.provisioner()
    async with closing(ground, provisioner):
        await provisioner.ensure(request(template=template))
        await running(provisioner, "uid-1")
        pids = ground.pids_of("uid-1")
        assert (ground.path_of("uid-1") / "work/escaped").exists()
        await provisioner.terminate("uid-1", keep_files=False)
        assert [pid for pid in pids if read_process(pid) is not None] == []


async def test_the_escaped_process_of_a_dead_lab_is_found_and_killed(ground: Ground) -> None:
    template = ground.add_template("escaping", ESCAPING)
    ground.settings["grace"] = 0.5
    provisioner = ground.provisioner()
    async with closing(ground, provisioner):
        await provisioner.ensure(request(template=template))
        await running(provisioner, "uid-1")
        os.kill(ground.record_of("uid-1")["pid"], signal.SIGKILL)
        assert (await ended(provisioner, "uid-1")).reason == "ProcessGone"
        left = ground.pids_of("uid-1")
        assert left
        await provisioner.ensure(request(template=template, revision=2))
        await running(provisioner, "uid-1")
        assert [pid for pid in left if read_process(pid) is not None] == []


async def test_no_zombie_stays(provisioner: ProcessProvisioner, ground: Ground) -> None:
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    pid = ground.record_of("uid-1")["pid"]
    await provisioner.terminate("uid-1", keep_files=False)
    assert shown_of(pid, "stat") == ""


async def test_a_killed_lab_is_told_at_once_and_reaped(
    provisioner: ProcessProvisioner, ground: Ground
) -> None:
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    pid = ground.record_of("uid-1")["pid"]
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(2):
        assert await anext(provisioner.exits()) == "uid-1"
    seen = await ended(provisioner, "uid-1")
    assert seen.reason == "ProcessGone"
    assert seen.message == f"process {pid} is gone: it was killed by SIGKILL"
    assert shown_of(pid, "stat") == ""


async def test_ensuring_at_the_same_time_starts_one_process(plain_ground: Ground) -> None:
    template = plain_ground.add_template("sleeping", SLEEPING)
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await asyncio.gather(*(provisioner.ensure(request(template=template)) for _ in range(10)))
        assert len(plain_ground.pids_of("uid-1")) == 1
        assert await provisioner.observe("uid-1") == Starting(revision=1)


async def test_an_ended_revision_is_started_afresh(
    provisioner: ProcessProvisioner, ground: Ground
) -> None:
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    os.kill(ground.record_of("uid-1")["pid"], signal.SIGKILL)
    await ended(provisioner, "uid-1")
    await provisioner.ensure(request())
    assert (await running(provisioner, "uid-1")).revision == 1


async def test_the_work_of_an_older_revision_is_kept(
    provisioner: ProcessProvisioner, ground: Ground
) -> None:
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    work = ground.path_of("uid-1") / "work"
    (work / "index.html").write_text("mine")
    await provisioner.ensure(request(revision=2))
    await running(provisioner, "uid-1")
    assert (work / "index.html").read_text() == "mine"


async def test_a_lab_that_stops_answering_has_ended_until_it_answers_again(
    plain_ground: Ground,
) -> None:
    plain_ground.settings.update(probe_timeout=0.2)
    template = plain_ground.add_template("plain", PLAIN)
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request(template=template))
        await running(provisioner, "uid-1")
        [pid] = plain_ground.pids_of("uid-1")
        os.kill(pid, signal.SIGSTOP)
        assert (await ended(provisioner, "uid-1")).reason == "NotAnswering"
        await provisioner.ensure(request(template=template, revision=1))
        await running(provisioner, "uid-1")
        assert plain_ground.pids_of("uid-1") != [pid]


async def test_a_lab_with_patience_may_be_silent_for_as_long(plain_ground: Ground) -> None:
    plain_ground.settings.update(probe_timeout=0.05, probes_to_end=2)
    template = plain_ground.add_template("plain", PLAIN, readiness="{path: /, patience: 1h}")
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        await provisioner.ensure(request(template=template))
        await running(provisioner, "uid-1")
        [pid] = plain_ground.pids_of("uid-1")
        os.kill(pid, signal.SIGSTOP)
        assert provisioner._ground is not None
        known = provisioner._ground.runtimes.known["uid-1"]
        async with asyncio.timeout(20):
            while known.missed_probes < 4:
                assert isinstance(await provisioner.observe("uid-1"), Running)
                await asyncio.sleep(0.01)
        assert isinstance(await provisioner.observe("uid-1"), Running)


async def test_two_services_do_not_see_each_others_labs(tmp_path: Path) -> None:
    mine = Ground(data_dir=tmp_path / "mine", level="none")
    other = Ground(data_dir=tmp_path / "other", level="none")
    first, second = mine.provisioner(), other.provisioner()
    async with closing(mine, first), closing(other, second):
        await first.ensure(request())
        await running(first, "uid-1")
        assert await second.observe("uid-1") == Absent()
        assert await second.list() == ()
        assert "nothing to remove" in await second.terminate("uid-1", keep_files=False)
        await running(first, "uid-1")


async def test_processes_without_a_record_are_listed_and_can_be_terminated(
    provisioner: ProcessProvisioner, ground: Ground
) -> None:
    await provisioner.ensure(request(revision=4))
    await running(provisioner, "uid-1")
    await provisioner.close()
    (ground.path_of("uid-1") / "record.json").unlink()
    second = ground.provisioner()
    async with closing(ground, second):
        [orphan] = await second.list()
        assert orphan.lab == LabKey("", ""), "what the processes say of it is not believed"
        seen = await ended(second, "uid-1")
        assert (seen.reason, seen.revision) == ("Orphaned", 0)
        assert orphan.observation == seen
        await second.terminate("uid-1", keep_files=False)
        assert await second.list() == ()
        assert ground.pids_of("uid-1") == []


async def test_looking_at_a_lab_while_it_is_removed_does_not_bring_its_files_back(
    plain_ground: Ground,
) -> None:
    provisioner = plain_ground.provisioner()
    async with closing(plain_ground, provisioner):
        for _ in range(5):
            await provisioner.ensure(request())
            looks = [asyncio.create_task(provisioner.observe("uid-1")) for _ in range(20)]
            await provisioner.terminate("uid-1", keep_files=False)
            await asyncio.gather(*looks)
            assert not plain_ground.path_of("uid-1").exists()
