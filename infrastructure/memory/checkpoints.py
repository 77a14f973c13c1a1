"""Checkpoints in memory: the Checkpoints contract as long as the object lives."""


class MemoryCheckpoints:
    """One number for each name."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}

    async def load(self, name: str) -> int:
        """See Checkpoints."""
        return self._positions.get(name, 0)

    async def save(self, name: str, position: int) -> None:
        """See Checkpoints."""
        self._positions[name] = position
