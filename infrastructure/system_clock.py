"""The machine's clock and chance: the only place that asks for either."""

from datetime import UTC, datetime
from random import Random, SystemRandom
from uuid import UUID


class SystemClock:
    """The Clock port over the machine's clock."""

    def now(self) -> datetime:
        """The present moment: aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251  the one place that may


class SystemRandomness:
    """The Randomness port: unpredictable, or repeatable when a seed is given."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = SystemRandom() if seed is None else Random(seed)  # noqa: S311  no secrets

    def fraction(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def uid(self) -> str:
        """A new random UUID in its usual text form."""
        return str(UUID(int=self._random.getrandbits(128), version=4))
