"""An event loop whose clock jumps to the next timer whenever nothing can be done now: hours of
waiting take milliseconds, and every run is the same. Not for tests that use threads or I/O."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class NothingLeftToWaitFor(Exception):
    """Every task waits for another one: in real time the test would hang."""


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            raise NothingLeftToWaitFor
        self.elapsed += max(0.0, timeout)
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Time starts at 0 and passes only while everybody waits."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        self._clock_resolution = 1e-9

    def time(self) -> float:
        return self._jumping.elapsed


def run_in_virtual_time(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine answers, run to its end on a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Marks an async test as one that runs in virtual time."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        run_in_virtual_time(test(*args, **kwargs))

    return run


async def until(
    condition: Callable[[], Awaitable[bool] | bool],
    *,
    within: timedelta | float,
    step: float = 0.02,
) -> float:
    """Wait for the condition, looking every `step` seconds but no more than a thousand times, and
    return how long it took. Fails when it is not met in time."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    bound = within.total_seconds() if isinstance(within, timedelta) else within
    pause = max(step, bound / 1000)
    while True:
        met = condition()
        if not isinstance(met, bool):
            met = await met
        if met:
            return loop.time() - begun
        assert loop.time() - begun <= bound, f"not met within {bound:g} s"
        await asyncio.sleep(pause)
