"""What the simulated provisioner offers beyond the contract: scripts, faults, memory."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from application.ports.provisioner import (
    ProvisionerError,
    ProvisionerUnavailable,
    RuntimeRefused,
)
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Absent, Ended, Running, Starting
from infrastructure.simulated.provisioner import SimulatedProvisioner
from tests.contracts.provisioner_waiting import ended, request, running


class FixedRandomness:
    """Always the same chance."""

    def __init__(self, fraction: float) -> None:
        self._fraction = fraction

    def fraction(self) -> float:
        return self._fraction

    def uid(self) -> str:
        return "uid"


def simulated(
    *, delay: float = 0.0, failure_rate: float = 0.0, state_file: Path | None = None
) -> SimulatedProvisioner:
    return SimulatedProvisioner(
        delay=delay,
        failure_rate=failure_rate,
        randomness=FixedRandomness(0.5),
        state_file=state_file,
    )


@pytest.fixture
async def provisioner() -> AsyncIterator[SimulatedProvisioner]:
    made = simulated()
    yield made
    await made.close()


async def test_a_runtime_starts_for_as_long_as_the_delay() -> None:
    provisioner = simulated(delay=30.0)
    await provisioner.ensure(request())
    assert await provisioner.observe("uid-1") == Starting(revision=1)


async def test_a_lab_may_have_a_delay_of_its_own() -> None:
    provisioner = simulated(delay=30.0)
    provisioner.faults.delays[LabKey("class", "uid-1")] = 0.0
    await provisioner.ensure(request())
    assert isinstance(await provisioner.observe("uid-1"), Running)


async def test_chance_below_the_failure_rate_fails_a_start() -> None:
    provisioner = simulated(failure_rate=0.6)
    await provisioner.ensure(request())
    assert (await ended(provisioner, "uid-1")).reason == "ProcessExited"


async def test_chance_above_the_failure_rate_lets_a_start_succeed() -> None:
    provisioner = simulated(failure_rate=0.4)
    await provisioner.ensure(request())
    assert (await running(provisioner, "uid-1")).revision == 1


async def test_a_doomed_lab_fails_until_it_is_doomed_no_more(
    provisioner: SimulatedProvisioner,
) -> None:
    provisioner.faults.doomed.add(LabKey("class", "uid-1"))
    await provisioner.ensure(request())
    await ended(provisioner, "uid-1")
    provisioner.faults.doomed.clear()
    await provisioner.ensure(request())
    await running(provisioner, "uid-1")
    assert provisioner.starts("uid-1", 1) == 2


async def test_an_outage_strikes_every_call(provisioner: SimulatedProvisioner) -> None:
    provisioner.faults.outage = "maintenance"
    calls = [
        provisioner.probe(),
        provisioner.list(),
        provisioner.observe("uid-1"),
        provisioner.ensure(request()),
        provisioner.terminate("uid-1", keep_files=False),
        provisioner.logs("uid-1", tail=1),
        provisioner.access("uid-1"),
    ]
    for call in calls:
        with pytest.raises(ProvisionerUnavailable, match="maintenance"):
            await call
    provisioner.faults.outage = ""
    assert await provisioner.observe("uid-1") == Absent()


async def test_a_call_that_hangs_goes_on_when_resumed(provisioner: SimulatedProvisioner) -> None:
    provisioner.faults.hang()
    call = asyncio.create_task(provisioner.ensure(request()))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await provisioner.probe()
    assert not call.done()
    provisioner.faults.resume()
    await call
    await running(provisioner, "uid-1")


async def test_a_refusal_is_raised_as_given(provisioner: SimulatedProvisioner) -> None:
    provisioner.faults.refusal = RuntimeRefused("NoQuota", "full", permanent=False)
    with pytest.raises(RuntimeRefused, match="NoQuota: full"):
        await provisioner.ensure(request())


async def test_a_survivor_is_not_absent_after_its_termination(
    provisioner: SimulatedProvisioner,
) -> None:
    await provisioner.ensure(request())
    provisioner.faults.survivors.add("uid-1")
    with pytest.raises(ProvisionerError):
        await provisioner.terminate("uid-1", keep_files=False)
    assert await provisioner.observe("uid-1") != Absent()


async def test_a_killed_runtime_has_ended_and_is_hinted_at(
    provisioner: SimulatedProvisioner,
) -> None:
    await provisioner.ensure(request())
    provisioner.kill("uid-1")
    provisioner.kill("uid-1")
    assert await anext(provisioner.exits()) == "uid-1"
    assert isinstance(await provisioner.observe("uid-1"), Ended)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await anext(provisioner.exits())


async def test_a_planted_runtime_is_listed(provisioner: SimulatedProvisioner) -> None:
    provisioner.plant(LabKey("nobody", "knows"), "uid-9")
    [orphan] = await provisioner.list()
    assert (orphan.uid, str(orphan.lab)) == ("uid-9", "nobody/knows")


async def test_runtimes_are_remembered_by_the_next_service(tmp_path: Path) -> None:
    state_file = tmp_path / "simulated.jsonl"
    first = simulated(state_file=state_file)
    for uid in ("uid-1", "uid-2", "uid-3"):
        await first.ensure(request(uid))
    first.kill("uid-2")
    await first.terminate("uid-3", keep_files=False)
    second = simulated(state_file=state_file)
    assert await second.observe("uid-1") == await first.observe("uid-1")
    assert await second.observe("uid-2") == await first.observe("uid-2")
    assert await second.observe("uid-3") == Absent()
    await second.ensure(request("uid-1"))
    assert second.starts("uid-1", 1) == 1
    await first.close()
    await second.close()


async def test_a_line_torn_by_a_kill_is_passed_over_and_the_file_stays_small(
    tmp_path: Path,
) -> None:
    state_file = tmp_path / "simulated.jsonl"
    first = simulated(state_file=state_file)
    for revision in range(1, 50):
        await first.ensure(request(revision=revision))
        first.kill("uid-1")
    await first.close()
    with state_file.open("a") as file:
        file.write('{"uid": "uid-2", "runti')
    second = simulated(state_file=state_file)
    assert [runtime.uid for runtime in await second.list()] == ["uid-1"]
    assert len(state_file.read_text().splitlines()) == 1
    await second.close()


async def test_a_clock_that_begins_anew_does_not_prolong_a_start(tmp_path: Path) -> None:
    state_file = tmp_path / "simulated.jsonl"
    first = simulated(delay=1e9, state_file=state_file)
    await first.ensure(request())
    await first.close()
    second = simulated(delay=0.0, state_file=state_file)
    assert isinstance(await second.observe("uid-1"), Running)
    await second.close()


async def test_a_thousand_runtimes_cost_little(tmp_path: Path) -> None:
    provisioner = simulated(state_file=tmp_path / "simulated.jsonl")
    async with asyncio.timeout(2):
        for number in range(1000):
            await provisioner.ensure(request(f"uid-{number}"))
        assert len(await provisioner.list()) == 1000
        for number in range(1000):
            await provisioner.terminate(f"uid-{number}", keep_files=False)
    assert await provisioner.list() == ()
    await provisioner.close()
