"""A clock that no single reading can mislead."""

from collections.abc import Callable
from datetime import datetime, timedelta

from application.ports.clock import Clock

_SLEW = timedelta(seconds=2)


class SteadyClock:
    """The Clock port over a clock that somebody may set, or a sleeping machine leaves behind.

    Where it disagrees with the monotonic one, time goes on as before until it has done so, in the
    same way, for `confirmed_after` seconds: then it is followed. So a jump that is taken back
    sooner never happened. What differs by less than two seconds is how clocks are put right, and
    is followed at once.
    """

    def __init__(
        self, clock: Clock, monotonic: Callable[[], float], *, confirmed_after: float
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._confirmed_after = confirmed_after
        self._start = clock.now()  # of the monotonic clock, by the other one
        self._start -= timedelta(seconds=monotonic())
        self._doubted: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """The present moment: aware, UTC."""
        passed = self._monotonic()
        shown = self._clock.now()
        start = shown - timedelta(seconds=passed)
        if abs(start - self._start) < _SLEW or self._is_confirmed(start, passed):
            self._start, self._doubted = start, None
            return shown
        return self._start + timedelta(seconds=passed)

    def _is_confirmed(self, start: datetime, passed: float) -> bool:
        """Whether the clock has shown the same other time for long enough."""
        if self._doubted is None or abs(start - self._doubted[0]) >= _SLEW:
            self._doubted = (start, passed)
        return passed - self._doubted[1] >= self._confirmed_after
