"""Time in which the service itself did not run: frozen, asleep, or held up."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.clock import Clock

_BEAT = timedelta(milliseconds=500)
_NOTICED = timedelta(seconds=1)
_REMEMBERED = 100
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Gap:
    """Between two beats: when the first was, and by how much the second came too late. It is
    below zero where the clock was set back meanwhile."""

    since: datetime
    length: timedelta

    def is_within(self, begun: datetime, now: datetime) -> bool:
        """Whether it lies in what began at `begun`, and goes on now. What seems to begin in the
        future began before the clock was set back."""
        return begun <= self.since if self.length > _NOTHING else begun > now


class Pulse:
    """Beats twice a second. A beat that comes late tells for how long nothing was looked at, by
    the clock that deadlines are set by; it counts at once, however soon somebody asks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: datetime | None = None
        self._gaps: deque[_Gap] = deque(maxlen=_REMEMBERED)

    async def run(self) -> None:
        """Beat until cancelled."""
        self._last = None
        while True:
            self._beat()
            await asyncio.sleep(_BEAT.total_seconds())

    def missed(self, begun: datetime) -> timedelta:
        """How much of the time since `begun` the service did not run."""
        now = self._clock.now()
        gaps = [*self._gaps, *self._under_way(now)]
        return sum((gap.length for gap in gaps if gap.is_within(begun, now)), _NOTHING)

    def _beat(self) -> None:
        now = self._clock.now()
        self._gaps.extend(self._under_way(now))
        self._last = now

    def _under_way(self, now: datetime) -> tuple[_Gap, ...]:
        late = now - self._last - _BEAT if self._last else _NOTHING
        return (_Gap(self._last, late),) if self._last and abs(late) > _NOTICED else ()
