"""The keyed queue: which labs want to be looked at, and when. It knows nothing of labs but
their keys, and holds no events."""

import asyncio
import heapq
from collections import deque

from application.control.backoff import Backoff
from application.ports.clock import Randomness
from application.structures.taking_turns import TakingTurns
from domain.lab_instance.key import LabKey

_RUNG_AT_ONCE = 500


class QueueClosed(Exception):
    """The queue gives out no more keys."""


class WorkQueue:
    """Distinct keys, now or after a delay, each worked on by one worker at a time.

    A key added while it is being worked on is given out again afterwards. A key waits once:
    of two times, the earlier wins. Namespaces take turns, so a crowd in one holds nobody
    else back. All delays run on the event loop's clock.
    """

    def __init__(self, *, backoff: Backoff, randomness: Randomness) -> None:
        self._backoff = backoff
        self._randomness = randomness
        self._ready = TakingTurns()
        self._working: set[LabKey] = set()
        self._again: set[LabKey] = set()
        self._due: dict[LabKey, float] = {}
        self._timers: list[tuple[float, LabKey]] = []
        self._alarm: asyncio.Handle | None = None
        self._alarm_at = 0.0  # not every event loop's handle knows its time
        self._failures: dict[LabKey, int] = {}
        self._takers: deque[asyncio.Future[None]] = deque()
        self._closed = False
        self.retries = 0

    @property
    def depth(self) -> int:
        """How many keys could be worked on now and are not."""
        return len(self._ready) + len(self._again)

    @property
    def delayed(self) -> int:
        """How many keys wait for their time."""
        return len(self._due)

    @property
    def working(self) -> int:
        """How many keys are being worked on."""
        return len(self._working)

    def add(self, key: LabKey, *, delay: float = 0.0) -> None:
        """Have the key worked on, after `delay` seconds or at once."""
        if self._closed or key in self._ready or key in self._again:
            return
        if delay > 0:
            self._add_later(key, asyncio.get_running_loop().time() + delay)
            return
        self._due.pop(key, None)
        if key in self._working:
            self._again.add(key)
        else:
            self._put(key)

    async def get(self) -> LabKey:
        """The next key; its worker calls `done` when it is through with it.

        Raises QueueClosed once the queue is closed.
        """
        while not self._closed and not self._ready:
            taker = asyncio.get_running_loop().create_future()
            self._takers.append(taker)
            try:
                await taker
            except asyncio.CancelledError:
                self._pass_on(taker)
                raise
        if self._closed:
            raise QueueClosed
        return self._take()

    def done(self, key: LabKey) -> None:
        """The worker is through with the key."""
        self._working.discard(key)
        if key in self._again:
            self._again.discard(key)
            self._put(key)

    def retry(self, key: LabKey) -> float:
        """Have the key worked on again after a backoff that grows from failure to failure;
        returns the delay."""
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        self.retries += 1
        delay = self._backoff.delay(failures, self._randomness.fraction())
        self.add(key, delay=delay)
        return delay

    def forget(self, key: LabKey) -> None:
        """The key was worked on with success: its next failure is its first."""
        self._failures.pop(key, None)

    def close(self) -> None:
        """Give out no more keys. What is being worked on is not touched."""
        self._closed = True
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        while self._takers:
            _wake(self._takers.popleft())

    def _put(self, key: LabKey) -> None:
        self._ready.put(key)
        self._wake_one()

    def _take(self) -> LabKey:
        key = self._ready.take()
        self._working.add(key)
        return key

    def _wake_one(self) -> None:
        while self._takers:
            if _wake(self._takers.popleft()):
                return

    def _pass_on(self, taker: asyncio.Future[None]) -> None:
        if taker in self._takers:
            self._takers.remove(taker)
        elif self._ready:
            self._wake_one()  # it was woken for a key it no longer can take

    def _add_later(self, key: LabKey, at: float) -> None:
        if key in self._due and self._due[key] <= at:
            return
        self._due[key] = at
        heapq.heappush(self._timers, (at, key))
        if len(self._timers) > 2 * len(self._due) + 64:  # mostly times that no longer count
            self._timers = [(due, waiting) for waiting, due in self._due.items()]
            heapq.heapify(self._timers)
        self._set_alarm()

    def _set_alarm(self) -> None:
        if not self._timers or self._closed:
            return
        at = self._timers[0][0]
        if self._alarm is not None:
            if self._alarm_at <= at:
                return
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_at(at, self._ring)
        self._alarm_at = at

    def _ring(self) -> None:
        self._alarm = None
        now = asyncio.get_running_loop().time()
        for _ in range(_RUNG_AT_ONCE):  # the others' turn comes before the next as many
            if not self._timers or self._timers[0][0] > now:
                break
            at, key = heapq.heappop(self._timers)
            if self._due.get(key) == at:
                self.add(key)
        self._set_alarm()


def _wake(taker: asyncio.Future[None]) -> bool:
    if taker.done():
        return False
    taker.set_result(None)
    return True
