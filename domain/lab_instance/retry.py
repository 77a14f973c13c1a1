"""How often and how soon a failing lab is tried again."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Exponential backoff with jitter.

    `max_retries`: repairs or retries in a row before the lab fails; 0 fails at the first.
    `base`, `cap`: the first delay and the longest one, before jitter.
    `stable_after`: a lab that was ready for so long has its count of retries forgiven.
    """

    max_retries: int
    base: timedelta
    cap: timedelta
    stable_after: timedelta

    def delay(self, retry: int, jitter: float) -> timedelta:
        """The wait before retry number `retry` (from 1); `jitter` in 0..1 halves it at most."""
        doubled: timedelta = self.base * 2 ** min(retry - 1, 30)
        return min(doubled, self.cap) * (1 - 0.5 * jitter)
