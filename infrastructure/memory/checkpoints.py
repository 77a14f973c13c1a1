"""Checkpoints in memory: the Checkpoints contract as long as the object lives."""

from application.ports.checkpoints import Checkpoint


class MemoryCheckpoints:
    """The Checkpoints contract: one for each name."""

    def __init__(self) -> None:
        self._saved: dict[str, Checkpoint] = {}

    async def load(self, name: str) -> Checkpoint | None:
        return self._saved.get(name)

    async def save(self, name: str, checkpoint: Checkpoint) -> None:
        self._saved[name] = checkpoint
