"""What every provisioner promises."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from application.ports.provisioner import (
    Provisioner,
    RuntimeNotFound,
    RuntimeRefused,
)
from domain.lab_instance.observation import Absent, Running, Starting
from infrastructure.simulated.provisioner import SimulatedProvisioner
from tests.contracts.provisioner_waiting import request, running, until
from tests.infrastructure.process.ground import Ground, Level, bubblewrap_missing, closing


class SeededRandomness:
    """Chance that is the same in every run."""

    def __init__(self) -> None:
        self._source = random.Random(7)

    def fraction(self) -> float:
        return self._source.random()

    def uid(self) -> str:
        return f"uid-{self._source.random()}"


@pytest.fixture(
    params=[
        "simulated",
        "process-group",
        pytest.param(
            "bubblewrap",
            marks=pytest.mark.skipif(bool(bubblewrap_missing()), reason=bubblewrap_missing()),
        ),
    ]
)
async def provisioner(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Provisioner]:
    if request.param == "simulated":
        simulated = SimulatedProvisioner(
            delay=0.05, failure_rate=0.0, randomness=SeededRandomness()
        )
        yield simulated
        await simulated.close()
        return
    level: Level = request.param
    ground = Ground(data_dir=tmp_path / "data", level=level)
    async with closing(ground, ground.provisioner()) as opened:
        yield opened


async def test_an_ensured_runtime_starts_and_then_runs(provisioner: Provisioner) -> None:
    await provisioner.ensure(request(revision=3))
    seen = await until(provisioner, "uid-1", lambda one: not isinstance(one, Absent))
    assert isinstance(seen, Starting | Running)
    assert seen.revision == 3
    ready = await running(provisioner, "uid-1")
    assert ready.revision == 3
    assert ready.endpoint.startswith("http://")
    assert ready.isolation.startswith((await provisioner.probe()).isolation)


async def test_a_runtime_that_was_never_started_is_absent(provisioner: Provisioner) -> None:
    assert await provisioner.observe("uid-1") == Absent()
    assert await provisioner.list() == ()


async def test_ensuring_again_changes_nothing(provisioner: Provisioner) -> None:
    await provisioner.ensure(request())
    first = await running(provisioner, "uid-1")
    await provisioner.ensure(request())
    assert await provisioner.observe("uid-1") == first


async def test_a_newer_revision_replaces_the_older(provisioner: Provisioner) -> None:
    await provisioner.ensure(request(revision=1))
    await running(provisioner, "uid-1")
    await provisioner.ensure(request(revision=2))
    assert (await running(provisioner, "uid-1")).revision == 2
    assert len(await provisioner.list()) == 1


async def test_an_older_revision_is_not_brought_back(provisioner: Provisioner) -> None:
    await provisioner.ensure(request(revision=2))
    await provisioner.ensure(request(revision=1))
    assert (await running(provisioner, "uid-1")).revision == 2


async def test_the_list_names_every_runtime(provisioner: Provisioner) -> None:
    await provisioner.ensure(request("uid-1"))
    await provisioner.ensure(request("uid-2"))
    await running(provisioner, "uid-1")
    await running(provisioner, "uid-2")
    listed = sorted(await provisioner.list(), key=lambda runtime: runtime.uid)
    assert [runtime.uid for runtime in listed] == ["uid-1", "uid-2"]
    assert [str(runtime.lab) for runtime in listed] == ["class/uid-1", "class/uid-2"]
    assert all(isinstance(runtime.observation, Running) for runtime in listed)
    [chosen] = await provisioner.list(only=["uid-2", "uid-3"])
    assert chosen == listed[1]


async def test_a_terminated_runtime_is_gone_with_a_proof(provisioner: Provisioner) -> None:
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    proof = await provisioner.terminate("uid-1", keep_files=False)
    assert "nothing to remove" not in proof
    assert await provisioner.observe("uid-1") == Absent()
    assert await provisioner.list() == ()
    with pytest.raises(RuntimeNotFound):
        await provisioner.logs("uid-1", tail=10)


async def test_a_runtime_can_be_terminated_before_it_is_ready(provisioner: Provisioner) -> None:
    await provisioner.ensure(request())
    await provisioner.terminate("uid-1", keep_files=False)
    assert await provisioner.observe("uid-1") == Absent()


async def test_terminating_nothing_succeeds_and_says_so(provisioner: Provisioner) -> None:
    assert "nothing to remove" in await provisioner.terminate("uid-1", keep_files=False)
    assert "nothing to remove" in await provisioner.terminate("../etc", keep_files=False)


async def test_kept_files_leave_an_absent_runtime_whose_logs_answer(
    provisioner: Provisioner,
) -> None:
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    await provisioner.terminate("uid-1", keep_files=True)
    assert await provisioner.observe("uid-1") == Absent()
    assert [runtime.observation for runtime in await provisioner.list()] == [Absent()]
    assert isinstance(await provisioner.logs("uid-1", tail=10), str)
    await provisioner.ensure(request(revision=1))
    await running(provisioner, "uid-1")


async def test_the_access_link_leads_to_the_endpoint(provisioner: Provisioner) -> None:
    await provisioner.ensure(request())
    ready = await running(provisioner, "uid-1")
    link = await provisioner.access("uid-1")
    assert link.startswith(ready.endpoint)
    assert len(link) > len(ready.endpoint)


@pytest.mark.parametrize("uid", ["uid-1", "../etc", ""])
async def test_a_runtime_that_does_not_exist_has_no_logs_and_no_access(
    provisioner: Provisioner, uid: str
) -> None:
    with pytest.raises(RuntimeNotFound):
        await provisioner.logs(uid, tail=10)
    with pytest.raises(RuntimeNotFound):
        await provisioner.access(uid)


async def test_a_cancelled_ensure_is_taken_up_by_a_repeat(provisioner: Provisioner) -> None:
    task = asyncio.create_task(provisioner.ensure(request()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    assert len(await provisioner.list()) == 1


async def test_a_cancelled_ensure_is_taken_up_by_a_termination(provisioner: Provisioner) -> None:
    task = asyncio.create_task(provisioner.ensure(request()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await provisioner.terminate("uid-1", keep_files=False)
    assert await provisioner.observe("uid-1") == Absent()


async def test_many_runtimes_start_at_once(provisioner: Provisioner) -> None:
    uids = [f"uid-{number}" for number in range(8)]
    await asyncio.gather(*(provisioner.ensure(request(uid)) for uid in uids))
    ready = await asyncio.gather(*(running(provisioner, uid) for uid in uids))
    assert len({one.endpoint for one in ready}) == 8


async def test_the_probe_tells_the_level_of_isolation(provisioner: Provisioner) -> None:
    health = await provisioner.probe()
    assert health.isolation
    assert health.message == "" or health.isolation != "bubblewrap"


async def test_a_template_nobody_knows_is_refused_for_good(provisioner: Provisioner) -> None:
    if provisioner.name == "simulated":
        pytest.skip("the simulated provisioner runs anything")
    with pytest.raises(RuntimeRefused) as caught:
        await provisioner.ensure(request(template="no-such"))
    assert caught.value.permanent
    assert await provisioner.observe("uid-1") == Absent()


async def test_a_runtime_set_aside_is_listed_no_more_and_can_be_had_anew(
    provisioner: Provisioner,
) -> None:
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    aside = await provisioner.set_aside("uid-1")
    assert "nothing to set aside" not in aside.proof
    assert await provisioner.observe("uid-1") == Absent()
    assert await provisioner.list() == ()
    assert "nothing to set aside" in (await provisioner.set_aside("uid-1")).proof
    await provisioner.clear_aside()
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")


async def test_setting_nothing_aside_succeeds_and_says_so(provisioner: Provisioner) -> None:
    for uid in ("uid-1", "../etc"):
        aside = await provisioner.set_aside(uid)
        assert "nothing to set aside" in aside.proof
        assert aside.place == ""


async def test_the_list_tells_how_far_the_log_went_when_a_runtime_was_started(
    provisioner: Provisioner,
) -> None:
    await provisioner.ensure(replace(request(), position=7))
    assert [one.position for one in await provisioner.list()] == [7]
