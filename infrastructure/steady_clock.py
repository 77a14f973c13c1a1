"""A clock that no single reading can mislead."""

from collections.abc import Callable
from datetime import datetime, timedelta

from application.ports.clock import Clock

_SLEW = 2.0


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
        self._origin = clock.now()
        # When the monotonic clock started, by the other one: seconds from the origin.
        self._start = -monotonic()
        self._doubted: tuple[float, float] | None = None

    def now(self) -> datetime:
        """The present moment: aware, UTC."""
        passed = self._monotonic()
        shown = self._clock.now()
        # For speed, decision 8: in numbers, as every command asks several times.
        start = (shown - self._origin).total_seconds() - passed
        if abs(start - self._start) < _SLEW or self._is_confirmed(start, passed):
            self._start, self._doubted = start, None
            return shown
        return self._origin + timedelta(seconds=self._start + passed)

    def _is_confirmed(self, start: float, passed: float) -> bool:
        """Whether the clock has shown the same other time for long enough."""
        if self._doubted is None or abs(start - self._doubted[0]) >= _SLEW:
            self._doubted = (start, passed)
        return passed - self._doubted[1] >= self._confirmed_after
