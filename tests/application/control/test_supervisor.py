"""Keeping loops alive and stopping them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise

import pytest

from application.control.backoff import Backoff
from application.control.supervisor import Loop, Supervisor
from application.ports.event_store import EventStoreUnavailable
from application.ports.read_model import ReadModelUnavailable
from tests.fakes.randomness import SeededRandomness
from tests.fakes.virtual_time import in_virtual_time, until


async def _nothing() -> None:
    return


async def _for_ever() -> None:
    await asyncio.Event().wait()


def _loop(name: str, run: Callable[[], Awaitable[None]]) -> Loop:
    return Loop(name=name, run=run, stop=None)


def _supervisor(
    loops: Sequence[Loop], prepare: Callable[[], Awaitable[None]] = _nothing
) -> Supervisor:
    return Supervisor(
        loops,
        prepare=prepare,
        backoff=Backoff(base=1, cap=10),
        randomness=SeededRandomness(),
    )


class Mortal:
    """A loop that dies a number of times and then goes on."""

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths
        self.starts: list[float] = []

    async def run(self) -> None:
        self.starts.append(asyncio.get_running_loop().time())
        if len(self.starts) <= self.deaths:
            raise RuntimeError("a loop's bug")
        await _for_ever()


@in_virtual_time
async def test_a_loop_that_dies_is_restarted_with_backoff_while_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mortal, other = Mortal(4), Mortal(0)
    supervisor = _supervisor([_loop("mortal", mortal.run), _loop("other", other.run)])
    supervisor.start()
    await asyncio.sleep(60)
    pauses = [b - a for a, b in pairwise(mortal.starts)]
    assert all(2**n / 2 <= pause <= 2**n for n, pause in enumerate(pauses))
    assert len(other.starts) == 1
    assert supervisor.troubles == {}
    records = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.__dict__["loop"] for record in records] == ["mortal"] * 4
    assert all(record.exc_info is not None for record in records)
    await supervisor.stop(1)


@in_virtual_time
@pytest.mark.parametrize(
    "outage", [ReadModelUnavailable("its disk fails"), EventStoreUnavailable("its disk fails")]
)
async def test_an_outage_that_ends_a_loop_or_the_preparation_is_one_line_and_no_bug(
    caplog: pytest.LogCaptureFixture, outage: Exception
) -> None:
    async def fail() -> None:
        raise outage

    for supervisor in (_supervisor([_loop("projector", fail)]), _supervisor([], fail)):
        caplog.clear()
        supervisor.start()
        await until(lambda: bool(caplog.records), within=5)
        await supervisor.stop(0)
        [line, *_] = caplog.records
        assert "its disk fails" in vars(line)["error"]
        assert all(record.exc_info is None for record in caplog.records)


@in_virtual_time
async def test_a_dead_loop_is_told_of_until_it_runs_again() -> None:
    supervisor = _supervisor([_loop("mortal", Mortal(1).run)])
    supervisor.start()
    await asyncio.sleep(0.1)
    assert list(supervisor.troubles) == ["mortal"]
    await asyncio.sleep(2)
    assert supervisor.troubles == {}
    await supervisor.stop(1)


@in_virtual_time
async def test_a_loop_that_just_ends_is_restarted_too() -> None:
    ends = 0

    async def end() -> None:
        nonlocal ends
        ends += 1

    supervisor = _supervisor([_loop("ending", end)])
    supervisor.start()
    await asyncio.sleep(20)
    assert ends > 2
    await supervisor.stop(1)


@in_virtual_time
async def test_loops_start_only_after_the_preparation_has_succeeded() -> None:
    attempts = 0

    async def prepare() -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 4:
            raise RuntimeError("the read model is not there yet")

    loop = Mortal(0)
    supervisor = _supervisor([_loop("a", loop.run)], prepare)
    assert supervisor.troubles
    supervisor.start()
    await asyncio.sleep(0.1)
    assert supervisor.troubles
    assert loop.starts == []
    await until(lambda: loop.starts != [], within=10)
    assert supervisor.troubles == {}
    await supervisor.stop(1)


@in_virtual_time
async def test_loops_are_stopped_in_their_order() -> None:
    stopped: list[str] = []

    def noting(name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            try:
                await _for_ever()
            finally:
                stopped.append(name)

        return run

    supervisor = _supervisor([_loop(name, noting(name)) for name in ("first", "second", "third")])
    supervisor.start()
    await asyncio.sleep(1)
    await supervisor.stop(1)
    assert stopped == ["first", "second", "third"]


@in_virtual_time
async def test_a_loop_asked_to_stop_may_finish_within_the_grace_time() -> None:
    asked, finished = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        await asked.wait()
        await asyncio.sleep(3)
        finished.set()

    supervisor = _supervisor([Loop(name="polite", run=run, stop=asked.set)])
    supervisor.start()
    await asyncio.sleep(1)
    await supervisor.stop(5)
    assert finished.is_set()
    assert asyncio.get_running_loop().time() == pytest.approx(4)


@in_virtual_time
async def test_the_grace_time_is_for_all_loops_together_and_then_they_are_cancelled() -> None:
    supervisor = _supervisor(
        [Loop(name=f"deaf-{n}", run=_for_ever, stop=lambda: None) for n in range(3)]
    )
    supervisor.start()
    await asyncio.sleep(1)
    await supervisor.stop(5)
    assert asyncio.get_running_loop().time() == pytest.approx(6)
    assert len(asyncio.all_tasks()) == 1


@in_virtual_time
async def test_even_a_loop_that_ignores_its_cancellation_does_not_prevent_the_stop() -> None:
    released = asyncio.Event()

    async def stubborn() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    supervisor = _supervisor([_loop("stubborn", stubborn)])
    supervisor.start()
    await asyncio.sleep(1)
    await supervisor.stop(5)
    assert asyncio.get_running_loop().time() < 10
    released.set()


@in_virtual_time
async def test_a_supervisor_stops_while_a_loop_waits_for_its_restart_and_while_it_prepares() -> (
    None
):
    waiting = _supervisor([_loop("mortal", Mortal(100).run)])
    preparing = _supervisor([], _for_ever)
    for supervisor in (waiting, preparing):
        supervisor.start()
        await asyncio.sleep(30)
        begun = asyncio.get_running_loop().time()
        await supervisor.stop(5)
        assert asyncio.get_running_loop().time() - begun < 1
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("grouped", [False, True])
@in_virtual_time
async def test_an_outage_that_ends_a_loop_again_and_again_is_logged_once_without_a_traceback(
    grouped: bool, caplog: pytest.LogCaptureFixture
) -> None:
    outage = ReadModelUnavailable("the disk is full")

    async def away() -> None:
        raise ExceptionGroup("of tasks", [outage]) if grouped else outage

    supervisor = _supervisor([_loop("away", away)])
    supervisor.start()
    await asyncio.sleep(60)
    await supervisor.stop(1.0)
    assert supervisor.restarts > 5
    assert [(one.levelname, one.exc_info) for one in caplog.records] == [("WARNING", None)]
