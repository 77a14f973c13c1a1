"""How long to wait after failures in a row. Loops and keys wait so; labs have RetryPolicy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential backoff in seconds, with jitter."""

    base: float
    cap: float

    def delay(self, failures: int, jitter: float) -> float:
        """The wait after so many failures in a row (from 1); `jitter` in 0..1 halves it at
        most."""
        doubled: float = self.base * 2 ** min(failures - 1, 30)
        return min(doubled, self.cap) * (1 - 0.5 * jitter)
