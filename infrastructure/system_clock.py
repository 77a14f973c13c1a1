"""The machine's clock and chance: the only place that asks for either."""

from datetime import UTC, datetime
from random import Random, SystemRandom


class SystemClock:
    """The Clock port over the machine's clock."""

    def now(self) -> datetime:
        """The present moment: aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251  the one place that may


class SystemRandomness:
    """The Randomness port: unpredictable, or repeatable when a seed is given."""

    def __init__(self, seed: int | None = None) -> None:
        chosen = SystemRandom().getrandbits(256) if seed is None else seed
        self._random = Random(chosen)  # noqa: S311  nothing that comes from here is a secret

    def fraction(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def uid(self) -> str:
        """A new random UUID in its usual text form."""
        # By hand: three times as fast as the uuid module, which makes an object of it first.
        digits = f"{self._random.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) & 3]
        parts = (
            digits[:8],
            digits[8:12],
            "4" + digits[13:16],
            variant + digits[17:20],
            digits[20:],
        )
        return "-".join(parts)
