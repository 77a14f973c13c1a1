"""The event loop of a simulation: virtual time, a drawn order, processes that die and freeze."""

import asyncio
import heapq
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextvars import Context
from random import Random
from typing import Any, TypeVar

from tests.simulation.engine.process import SimulatedProcess, owner_of
from tests.simulation.engine.timeline import Timeline

T = TypeVar("T")

_EARLY = 1e-9
_MOST_STEPS = 600_000
_MOST_AT_ONE_MOMENT = 60_000


class NothingLeftToWaitFor(Exception):
    """Every task waits for another one: in real time the service would hang."""


class EndlessWork(Exception):
    """So many steps were taken that somebody must be going round in circles."""


class _Numbered:
    """Hashed by the order of being hashed first, not by address: sets of these are walked in
    the same order in every run."""

    _number: int | None = None
    _loop: Any

    def __hash__(self) -> int:
        if self._number is None:
            self._number = SimulatedLoop.next_number()
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


class _Task(_Numbered, asyncio.Task[Any]):
    """A task with a number."""

    _log_destroy_pending: bool


class SimulatedLoop(asyncio.BaseEventLoop):
    """Time starts at 0 and passes only while everybody waits.

    With the chance of `permuted`, the next step is any of those that could be taken now, not
    the one that could be taken first. Tasks, timers, generators and dead processes' steps are
    kept for as long as the loop lives, so that nothing is ever finalized at a moment which
    the collector chooses.
    """

    _ready: deque[asyncio.Handle]
    _numbers = 0

    def __init__(self, chance: Random, *, permuted: float, timeline: Timeline) -> None:
        super().__init__()
        SimulatedLoop._numbers = 0
        self._now = 0.0
        self._chance = chance
        self._permuted = permuted
        self._timeline = timeline
        self._kept: list[object] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._timers_made = 0
        self._steps = 0
        self._moment_ends = _MOST_AT_ONE_MOMENT
        self.set_debug(False)
        timeline.now = self.time

    @classmethod
    def next_number(cls) -> int:
        """Numbers begin anew with each loop."""
        cls._numbers += 1
        return cls._numbers

    @property
    def steps(self) -> int:
        """How many steps have been taken."""
        return self._steps

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._now

    def create_task(  # type: ignore[override]  # the stub allows generators that nobody uses
        self,
        coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        """As every loop's; the task is kept."""
        task = _Task(coro, loop=self, name=name, context=context)
        task._log_destroy_pending = False  # those of dead processes are never done
        self._kept.append(task)
        return task

    def call_at(  # type: ignore[override]  # the stub counts the arguments, nothing else
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """As every loop's; of two timers for one moment, the first one made is the first."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._timers_made += 1
        heapq.heappush(self._timers, (when, self._timers_made, timer))
        return timer

    def thaw(self, process: SimulatedProcess) -> None:
        """Let a frozen process go on."""
        self._ready.extend(process.thaw())

    def _asyncgen_finalizer_hook(self, agen: AsyncGenerator[Any, Any]) -> None:
        self._kept.append(agen)

    def _write_to_self(self) -> None:
        """There is no other thread to be woken by."""

    def _process_events(self, event_list: Any) -> None:
        """There are no files to be watched."""

    def _run_once(self) -> None:
        ready, timers = self._ready, self._timers
        while timers and timers[0][2]._cancelled:
            heapq.heappop(timers)
        if not ready:
            self._pass_time()
        while timers and timers[0][0] < self._now + _EARLY:
            ready.append(heapq.heappop(timers)[2])
        for _ in range(len(ready)):
            if self._permuted and len(ready) > 1 and self._chance.random() < self._permuted:
                ready.rotate(-self._chance.randrange(len(ready)))
            self._take_step(ready.popleft())

    def _pass_time(self) -> None:
        if not self._timers:
            raise NothingLeftToWaitFor
        moment = self._timers[0][0]
        if moment > self._now:
            self._now = moment
            self._moment_ends = self._steps + _MOST_AT_ONE_MOMENT

    def _take_step(self, handle: asyncio.Handle) -> None:
        if handle._cancelled:
            return
        process = owner_of(handle._context)  # type: ignore[attr-defined]  # not in the stub
        if process is not None and self._is_stopped(process, handle):
            return
        self._steps += 1
        if self._steps > min(_MOST_STEPS, self._moment_ends):
            raise EndlessWork(f"{self._steps} steps by {self._now:.3f} s: {_name_of(handle)}")
        self._timeline.step(self._now, process.name if process else "", _name_of(handle))
        handle._run()

    def _is_stopped(self, process: SimulatedProcess, handle: asyncio.Handle) -> bool:
        if process.steps_left is not None and process.alive and not process.frozen:
            process.steps_left -= 1
            if process.steps_left <= 0:
                process.kill()
        return process.holds_back(handle)


def _name_of(handle: asyncio.Handle) -> str:
    callback: Any = handle._callback  # type: ignore[attr-defined]  # not in the stub
    subject = getattr(callback, "__self__", None)
    if isinstance(subject, asyncio.Task):
        return str(getattr(subject.get_coro(), "__qualname__", ""))
    return str(getattr(callback, "__qualname__", type(callback).__qualname__))


def number_timeouts() -> None:
    """Have timeouts hashed by number too, for the rest of this operating system process."""
    asyncio.Timeout._number = None  # type: ignore[attr-defined]
    asyncio.Timeout.__hash__ = _Numbered.__hash__  # type: ignore[method-assign, assignment]
