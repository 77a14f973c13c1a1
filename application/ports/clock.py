"""Time and randomness."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time. Waiting goes through the running event loop, never through this port."""

    def now(self) -> datetime:
        """The present moment: aware, UTC. May jump, either way."""


class Randomness(Protocol):
    """The one source of chance, seeded in one place."""

    def fraction(self) -> float:
        """A number in [0, 1)."""

    def uid(self) -> str:
        """A new UUID in its usual text form; no two are ever the same."""
