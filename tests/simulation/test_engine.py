"""What a simulated process can and cannot do once it is dead or frozen."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from random import Random

import pytest

from tests.simulation.engine.loop import EndlessWork, NothingLeftToWaitFor, SimulatedLoop
from tests.simulation.engine.process import SimulatedProcess
from tests.simulation.engine.timeline import Timeline


@contextmanager
def simulation(seed: int = 1, permuted: float = 0.0) -> Iterator[SimulatedLoop]:
    with closing(SimulatedLoop(Random(seed), permuted=permuted, timeline=Timeline())) as loop:
        yield loop


async def writes(lines: list[str]) -> None:
    try:
        for number in range(4):
            lines.append(str(number))
            await asyncio.sleep(1)
    finally:
        lines.append("end")


async def after(seconds: float) -> None:
    await asyncio.sleep(seconds)


def test_a_dead_process_does_nothing_more() -> None:
    lines: list[str] = []
    process = SimulatedProcess("a")
    with simulation() as loop:
        loop.create_task(writes(lines), context=process.context)
        loop.call_later(1.5, process.kill)
        loop.run_until_complete(after(10))
    assert lines == ["0", "1"]


def test_a_process_dies_between_any_two_steps() -> None:
    lines: list[str] = []
    process = SimulatedProcess("a")
    process.steps_left = 4  # the task's first step, a timer, its second step
    with simulation() as loop:
        loop.create_task(writes(lines), context=process.context)
        loop.run_until_complete(after(10))
    assert not process.alive
    assert lines == ["0", "1"]


def test_a_frozen_process_goes_on_where_it_stood() -> None:
    lines: list[str] = []
    process = SimulatedProcess("a")
    with simulation() as loop:
        loop.create_task(writes(lines), context=process.context)
        loop.call_later(1.5, lambda: setattr(process, "frozen", True))
        loop.run_until_complete(after(10))
        assert lines == ["0", "1"]
        loop.thaw(process)
        loop.run_until_complete(after(10))
    assert lines == ["0", "1", "2", "3", "end"]


def order(seed: int, permuted: float) -> list[int]:
    found: list[int] = []
    with simulation(seed, permuted) as loop:
        for number in range(8):
            loop.call_soon(found.append, number)
        loop.run_until_complete(after(1))
    return found


def test_the_order_of_steps_is_drawn_from_the_seed() -> None:
    assert order(1, 0.0) == [*range(8)]
    assert order(1, 1.0) == order(1, 1.0) != order(2, 1.0)


def test_a_loop_in_which_everybody_waits_fails_at_once() -> None:
    async def waits() -> None:
        await asyncio.Event().wait()

    with simulation() as loop, pytest.raises(NothingLeftToWaitFor):
        loop.run_until_complete(waits())


def test_work_without_an_end_fails() -> None:
    async def spins() -> None:
        while True:
            await asyncio.sleep(0)

    with simulation() as loop, pytest.raises(EndlessWork):
        loop.run_until_complete(spins())
