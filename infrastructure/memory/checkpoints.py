"""Checkpoints in memory: the Checkpoints contract as long as the object lives."""


class MemoryCheckpoints:
    """The Checkpoints contract: one number for each name."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}

    async def load(self, name: str) -> int:
        return self._positions.get(name, 0)

    async def save(self, name: str, position: int) -> None:
        self._positions[name] = position
