"""The breaker by itself, and the gate in front of the provisioner."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from application.control.circuit_breaker import BreakerLimits, BreakerState, CircuitBreaker
from application.control.provisioner_gate import (
    BreakerOpen,
    CallTimedOut,
    CallTimeouts,
    ProvisionerGate,
)
from application.ports.provisioner import Health, ProvisionerError, ProvisionerUnavailable
from domain.lab_instance.observation import Absent, Observation
from infrastructure.simulated.provisioner import SimulatedProvisioner
from tests.fakes.clock import FakeClock
from tests.fakes.randomness import SeededRandomness
from tests.fakes.virtual_time import in_virtual_time

T = datetime(2030, 1, 1, tzinfo=UTC)
LIMITS = BreakerLimits(threshold=3, first=timedelta(seconds=5), longest=timedelta(seconds=60))


def _opened() -> CircuitBreaker:
    breaker = CircuitBreaker(LIMITS)
    for _ in range(3):
        breaker.failed(T)
    return breaker


def test_only_failures_in_a_row_open_the_breaker() -> None:
    breaker = CircuitBreaker(LIMITS)
    for _ in range(10):
        breaker.failed(T)
        breaker.failed(T)
        breaker.succeeded()
    assert breaker.opened_at is None
    for _ in range(3):
        breaker.failed(T)
    assert breaker.state is BreakerState.OPEN
    assert breaker.opened_at == T


def test_an_open_breaker_is_half_open_only_after_its_time() -> None:
    breaker = _opened()
    assert not breaker.due_for_trial(T + timedelta(seconds=4.9))
    assert breaker.due_for_trial(T + timedelta(seconds=5))
    assert breaker.state is BreakerState.HALF_OPEN


def test_each_failed_trial_doubles_the_breakers_wait_up_to_a_cap_and_keeps_when_it_opened() -> (
    None
):
    breaker, now, waits = _opened(), T, []
    for _ in range(6):
        assert breaker.retry_at is not None
        waits.append((breaker.retry_at - now).total_seconds())
        now = breaker.retry_at
        assert breaker.due_for_trial(now)
        breaker.trial_failed(now)
    assert waits == [5, 10, 20, 40, 60, 60]
    assert breaker.opened_at == T


def test_a_breaker_on_trial_is_opened_again_by_one_failure_until_a_call_succeeds() -> None:
    breaker = _opened()
    breaker.due_for_trial(T + timedelta(seconds=5))
    breaker.trial_succeeded()
    assert breaker.state is BreakerState.CLOSED
    breaker.failed(T + timedelta(seconds=6))
    assert breaker.retry_at == T + timedelta(seconds=16)
    breaker.due_for_trial(T + timedelta(seconds=16))
    breaker.trial_succeeded()
    breaker.succeeded()
    breaker.failed(T + timedelta(seconds=17))
    assert breaker.state is BreakerState.CLOSED


def test_late_answers_neither_close_nor_prolong_an_open_breaker() -> None:
    breaker = _opened()
    until = breaker.retry_at
    breaker.succeeded()
    breaker.failed(T + timedelta(seconds=3))
    assert breaker.state is BreakerState.OPEN
    assert breaker.retry_at == until


class Gated:
    """A gate before a simulated provisioner whose probes are counted."""

    def __init__(self) -> None:
        self.world = CountedProbes()
        self.gate = ProvisionerGate(
            self.world,
            breaker=CircuitBreaker(LIMITS),
            timeouts=CallTimeouts(ensure=5, observe=2, list=5, terminate=10, probe=2),
            clock=FakeClock(),
            ours=lambda uid: True,
        )

    async def fail(self, times: int) -> None:
        for _ in range(times):
            with pytest.raises(ProvisionerError):
                await self.gate.observe("a-uid")


class CountedProbes(SimulatedProvisioner):
    """Counts the probes."""

    def __init__(self) -> None:
        super().__init__(delay=1, failure_rate=0, randomness=SeededRandomness())
        self.probes = 0
        self.calls = 0

    async def probe(self) -> Health:
        self.probes += 1
        await asyncio.sleep(0.5)
        return await super().probe()

    async def observe(self, uid: str) -> Observation:
        self.calls += 1
        return await super().observe(uid)


@in_virtual_time
async def test_a_call_that_gives_no_answer_ends_after_its_time() -> None:
    gated = Gated()
    gated.world.faults.hang()
    with pytest.raises(CallTimedOut):
        await gated.gate.observe("a-uid")
    assert asyncio.get_running_loop().time() == pytest.approx(2)


@in_virtual_time
async def test_an_open_gate_asks_the_provisioner_nothing() -> None:
    gated = Gated()
    gated.world.faults.outage = "gone"
    await gated.fail(3)
    for _ in range(10):
        with pytest.raises(BreakerOpen):
            await gated.gate.observe("a-uid")
    assert (gated.world.calls, gated.world.probes) == (3, 0)


@in_virtual_time
async def test_a_half_open_breaker_serves_all_who_come_meanwhile_by_one_trial() -> None:
    gated = Gated()
    gated.world.faults.outage = "gone"
    await gated.fail(3)
    gated.world.faults.outage = ""
    await asyncio.sleep(5)
    answers = await asyncio.gather(*(gated.gate.observe(f"uid-{n}") for n in range(20)))
    assert answers == [Absent()] * 20
    assert gated.world.probes == 1
    assert gated.gate.in_service


@in_virtual_time
async def test_a_trial_that_hangs_ends_and_counts_as_failed() -> None:
    gated = Gated()
    gated.world.faults.hang()
    await gated.fail(3)
    await asyncio.sleep(5)
    with pytest.raises(BreakerOpen):
        await gated.gate.observe("a-uid")
    assert gated.gate.breaker.state is BreakerState.OPEN


@in_virtual_time
async def test_a_caller_that_leaves_does_not_end_the_trial_for_the_others() -> None:
    gated = Gated()
    gated.world.faults.outage = "gone"
    await gated.fail(3)
    gated.world.faults.outage = ""
    await asyncio.sleep(5)
    first = asyncio.create_task(gated.gate.observe("a-uid"))
    second = asyncio.create_task(gated.gate.observe("a-uid"))
    await asyncio.sleep(0.1)
    first.cancel()
    assert await second == Absent()


@in_virtual_time
async def test_a_gate_that_is_closed_leaves_no_trial_behind() -> None:
    gated = Gated()
    gated.world.faults.outage = "gone"
    await gated.fail(3)
    await asyncio.sleep(5)
    caller = asyncio.create_task(gated.gate.observe("a-uid"))
    await asyncio.sleep(0.1)
    caller.cancel()
    await gated.gate.close()
    assert [task for task in asyncio.all_tasks() if "_try" in repr(task)] == []


@in_virtual_time
async def test_a_refusal_is_an_answer_and_opens_nothing() -> None:
    gated = Gated()
    gated.world.faults.survivors.add("a-uid")
    for _ in range(10):
        with pytest.raises(ProvisionerError):
            await gated.gate.terminate("a-uid", keep_files=True)
    assert gated.gate.in_service


@in_virtual_time
async def test_an_outage_is_told_by_its_own_error_while_the_gate_is_closed() -> None:
    gated = Gated()
    gated.world.faults.outage = "gone"
    with pytest.raises(ProvisionerUnavailable, match="gone"):
        await gated.gate.list()
