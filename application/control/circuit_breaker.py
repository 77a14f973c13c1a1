"""When to stop asking a provisioner that does not work, and when to try it again. Counts and
compares; the calls themselves are made in `provisioner_gate`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


class BreakerState(Enum):
    """CLOSED: calls pass. OPEN: none does. HALF_OPEN: one trial decides."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerLimits:
    """`threshold` failures in a row open the breaker, for `first` at first and then for
    longer, up to `longest`."""

    threshold: int
    first: timedelta
    longest: timedelta


class CircuitBreaker:
    """Closed, open, half-open. Time is an argument."""

    def __init__(self, limits: BreakerLimits) -> None:
        self._limits = limits
        self._failures = 0
        self._openings = 0
        self.state = BreakerState.CLOSED
        self.opened_at: datetime | None = None
        self.retry_at: datetime | None = None

    def due_for_trial(self, now: datetime) -> bool:
        """Whether an open breaker has been open for long enough; it then is half-open."""
        if self.state is BreakerState.OPEN and self.retry_at is not None and now >= self.retry_at:
            self.state = BreakerState.HALF_OPEN
        return self.state is BreakerState.HALF_OPEN

    def succeeded(self) -> None:
        """A call got an answer. Answers to calls made before it opened close nothing."""
        if self.state is BreakerState.CLOSED:
            self._failures = 0
            self._openings = 0

    def failed(self, now: datetime) -> None:
        """A call got no answer."""
        if self.state is not BreakerState.CLOSED:
            return
        self._failures += 1
        if self._failures >= self._limits.threshold:
            self._open(now)

    def trial_succeeded(self) -> None:
        """The trial got an answer: closed, but the next failure opens it again at once."""
        self.state = BreakerState.CLOSED
        self.opened_at = None
        self.retry_at = None
        self._failures = self._limits.threshold - 1

    def trial_failed(self, now: datetime) -> None:
        """The trial got no answer: open again, for longer."""
        self._open(now)

    def _open(self, now: datetime) -> None:
        open_for: timedelta = self._limits.first * 2 ** min(self._openings, 30)
        self._openings += 1
        self.opened_at = self.opened_at or now
        self.retry_at = now + min(open_for, self._limits.longest)
        self.state = BreakerState.OPEN
