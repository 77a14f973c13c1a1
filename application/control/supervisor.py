"""Keeps the loops running: starts them, restarts one that dies, stops them in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from application.control.backoff import Backoff
from application.ports.clock import Randomness
from application.ports.outages import OUTAGES

log = logging.getLogger(__name__)

_FOR_CANCELLATION = 1.0
_PREPARATION = "preparation"
_DIED = "a loop died and will be restarted"
_NOT_STARTED = "the loops could not be started yet and are tried again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """One loop by name. `run` goes on for ever; `stop` asks it to end by itself after what it
    has begun, and is None for a loop that can be cancelled anywhere."""

    name: str
    run: Callable[[], Awaitable[None]]
    stop: Callable[[], None] | None


class Supervisor:
    """Runs `prepare`, then all loops at the same time, until it is stopped.

    Nothing here ends because a loop does: it is restarted after a backoff, and named in
    `troubles` meanwhile. `prepare` is repeated in the same way until it succeeds. An outage that
    ends a loop again and again is logged once.
    """

    def __init__(
        self,
        loops: Sequence[Loop],
        *,
        prepare: Callable[[], Awaitable[None]],
        backoff: Backoff,
        randomness: Randomness,
    ) -> None:
        self._loops = tuple(loops)
        self._prepare = prepare
        self._backoff = backoff
        self._randomness = randomness
        self._stopping = asyncio.Event()
        self._main: asyncio.Task[None] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.troubles: dict[str, str] = {_PREPARATION: "not started yet"}
        self._away: set[str] = set()
        self.restarts = 0

    def start(self) -> None:
        """Start in the background; returns at once."""
        self._main = asyncio.create_task(self._start_all(), name=_PREPARATION)

    async def stop(self, grace: float) -> None:
        """Stop the loops in their order, within `grace` seconds for all of them; what has not
        ended by then is cancelled."""
        self._stopping.set()
        deadline = asyncio.get_running_loop().time() + grace
        if self._main is not None:
            await _end(self._main, wait=0.0)
        for loop in self._loops:
            task = self._tasks.get(loop.name)
            if task is None:
                continue
            left = deadline - asyncio.get_running_loop().time()
            if loop.stop is not None:
                loop.stop()
            await _end(task, wait=max(0.0, left) if loop.stop is not None else 0.0)

    async def _start_all(self) -> None:
        await self._try_until_it_works()
        for loop in self._loops:
            task = asyncio.create_task(self._keep_running(loop), name=loop.name)
            self._tasks[loop.name] = task

    async def _try_until_it_works(self) -> None:
        failures = 0
        while True:
            if await self._attempt(_PREPARATION, self._prepare, _NOT_STARTED):
                self.troubles.pop(_PREPARATION, None)
                return
            failures += 1
            self.troubles[_PREPARATION] = "it failed and is tried again"
            await self._pause(failures)

    async def _keep_running(self, loop: Loop) -> None:
        failures = 0
        while not self._stopping.is_set():
            begun = asyncio.get_running_loop().time()
            await self._run(loop)
            if self._stopping.is_set():
                return
            if asyncio.get_running_loop().time() - begun > self._backoff.cap:
                failures = 0
                self._away.discard(loop.name)
            failures += 1
            self.restarts += 1
            self.troubles[loop.name] = "it died and will be restarted"
            await self._pause(failures)
            self.troubles.pop(loop.name, None)

    async def _run(self, loop: Loop) -> None:
        ended_well = await self._attempt(loop.name, loop.run, _DIED)
        if ended_well and not self._stopping.is_set():
            log.error("a loop ended and will be restarted", extra={"loop": loop.name})

    async def _attempt(self, name: str, work: Callable[[], Awaitable[None]], failure: str) -> bool:
        """Whether it ended well. An outage is nobody's bug: where it was met says nothing, and
        that it goes on is no news."""
        try:
            await work()
        except Exception as error:
            outage = _outage_in(error)
            if outage is None:
                self._away.discard(name)
                log.exception(failure, extra={"loop": name})
            elif name not in self._away:
                self._away.add(name)
                log.warning(failure, extra={"loop": name, "error": str(outage)})
            return False
        return True

    async def _pause(self, failures: int) -> None:
        delay = self._backoff.delay(failures, self._randomness.fraction())
        try:
            async with asyncio.timeout(delay):
                await self._stopping.wait()
        except TimeoutError:
            return


def _outage_in(error: Exception) -> Exception | None:
    """The outage that it is, or that a group holds with nothing else in it."""
    if not isinstance(error, ExceptionGroup):
        return error if isinstance(error, OUTAGES) else None
    found = [_outage_in(one) for one in error.exceptions]
    return None if None in found else found[0]


async def _end(task: asyncio.Task[None], *, wait: float) -> None:
    """Give the task time to end by itself, then cancel it."""
    if wait > 0:
        await asyncio.wait([task], timeout=wait)
    if task.done():
        return
    task.cancel()
    _, pending = await asyncio.wait([task], timeout=_FOR_CANCELLATION)
    if pending:
        log.error("a loop did not end when it was cancelled", extra={"loop": task.get_name()})
