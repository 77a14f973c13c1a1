"""What a large fleet that needs nothing costs: at the start of a service, and afterwards."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import perf_counter, process_time, thread_time

import uvloop

from application.service import Service
from benchmarks.figures import Figure, progress, seconds
from benchmarks.fleet import fill_with_fleet
from infrastructure.settings import read_settings
from infrastructure.system_clock import SystemClock
from infrastructure.wiring.bootstrap import running_application

FLEETS = tuple(map(int, os.environ.get("BENCH_FLEETS", "10000,50000").split(",")))
_PATIENCE = 300.0
_IDLE = 30.0
_PASSES = 6
"""In that time, at an interval of 5 s."""


def measure(folder: Path) -> Sequence[Figure]:
    """Each fleet in a folder of its own, with the service in this very process."""
    return [one for labs in FLEETS for one in _measured(folder / str(labs), labs)]


def _measured(folder: Path, labs: int) -> Sequence[Figure]:
    folder.mkdir(mode=0o700)
    begun = perf_counter()
    fill_with_fleet(folder, labs=labs, since=SystemClock().now())
    progress(f"made {labs:,} labs in {perf_counter() - begun:.0f} s")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the server does
        return runner.run(_started(folder, labs))


async def _started(folder: Path, labs: int) -> Sequence[Figure]:
    settings = read_settings({"LAB_DATA_DIR": str(folder), "LAB_PROVISIONER": "simulated"})
    gc.collect()
    gc.freeze()  # from here to the thresholds as the server does
    gc.set_threshold(10_000, 250, 100)
    longest, begun = [0.0], perf_counter()
    async with _turns_measured(longest), running_application(settings) as service:
        ready = await _ready(service) - begun
        looked_at = await _all_looked_at(service) - begun
        spent = process_time()
        await asyncio.sleep(_IDLE)
        spent = process_time() - spent
    return [
        seconds(f"start with {labs:,} labs, until ready", ready),
        seconds("  until every lab was looked at", looked_at),
        seconds("  longest piece of the loop's processor time", longest[0], goal="100 ms"),
        seconds("  processor time for each pass of the reconciler, idle", spent / _PASSES),
    ]


@asynccontextmanager
async def _turns_measured(longest: list[float]) -> AsyncIterator[None]:
    """Notes the longest piece for which the loop's thread worked without giving a turn."""

    async def take_turns() -> None:
        while True:
            begun = thread_time()
            await asyncio.sleep(0.005)
            longest[0] = max(longest[0], thread_time() - begun)

    turns = asyncio.create_task(take_turns())
    try:
        yield
    finally:
        turns.cancel()
        with suppress(asyncio.CancelledError):
            await turns


async def _ready(service: Service) -> float:
    """When every check was well."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            checks = await service.readiness()
            if all(check.ok for check in checks):
                return perf_counter()
            await asyncio.sleep(0.05)


async def _all_looked_at(service: Service) -> float:
    """When the queue of labs to look at was last found empty."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            await asyncio.sleep(0.5)
            if b"\nlab_queue_depth 0.0" in await service.metrics():
                return perf_counter()
