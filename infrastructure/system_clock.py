"""The machine's clock and chance: the only place that asks for either."""

from datetime import UTC, datetime
from random import Random, SystemRandom

_FREE = ~(0xF << 76 | 0x3 << 62)
_VERSION_4 = 0x4 << 76 | 0x2 << 62


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
        # By hand: several times as fast as the uuid module (decision 8).
        digits = "%032x" % (self._random.getrandbits(128) & _FREE | _VERSION_4)
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
