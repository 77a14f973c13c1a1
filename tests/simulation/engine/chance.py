"""The one seeded source of chance, divided so that one concern does not disturb another."""

from random import Random
from uuid import UUID


def stream(seed: int, concern: str) -> Random:
    """Chance of its own for one concern: what another draws changes nothing here."""
    return Random(f"{seed}/{concern}")


class SimulatedRandomness:
    """The Randomness port of one process."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def fraction(self) -> float:
        """A number in [0, 1)."""
        return self._chance.random()

    def uid(self) -> str:
        """A UUID."""
        return str(UUID(int=self._chance.getrandbits(128), version=4))
