"""Chance that repeats itself."""

from random import Random
from uuid import UUID


class SeededRandomness:
    """The Randomness port: the same numbers in every run."""

    def __init__(self, seed: int = 1) -> None:
        self._random = Random(seed)

    def fraction(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def uid(self) -> str:
        """A UUID, the same ones in every run."""
        return str(UUID(int=self._random.getrandbits(128), version=4))
