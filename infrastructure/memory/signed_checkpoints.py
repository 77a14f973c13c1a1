"""The tree over a log in memory, and what was signed of it: nothing outlives the process."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from application.ports.event_store import EventStore
from application.ports.log_tree import TreeHead
from application.ports.signed_checkpoints import KeptCheckpoint
from domain.log_tree.heads import nodes_over
from domain.log_tree.proofs import consistency, root_of
from domain.log_tree.tree import event_leaf

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MemoryLogTree:
    """The LogTree contract over any store: made anew for each question, so for tests' sizes."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def head(self) -> TreeHead | None:
        leaves, position = await self._leaves()
        if not leaves:
            return None
        root = root_of(len(leaves), nodes_over(leaves))
        return TreeHead(size=len(leaves), root=root, position=position, first=leaves[0], found=0)

    async def consistency(self, first: int, second: int) -> Sequence[bytes]:
        leaves, _ = await self._leaves()
        if second > len(leaves):
            raise ValueError(f"there are {len(leaves)} events")
        return consistency(first, second, nodes_over(leaves))

    async def _leaves(self) -> tuple[Sequence[bytes], int]:
        leaves: list[bytes] = []
        position = 0
        async for one in self._store.read_all(after=0):
            chain_hash = bytes.fromhex(one.metadata["hash"])
            at = (one.recorded_at - _EPOCH) // timedelta(microseconds=1)
            leaves.append(event_leaf(one.position, at, chain_hash))
            position = one.position
        return leaves, position


class MemorySignedCheckpoints:
    """The SignedCheckpoints contract."""

    def __init__(self) -> None:
        self._kept: list[KeptCheckpoint] = []

    async def keep(self, size: int, note: str) -> None:
        self._kept.append(KeptCheckpoint(number=len(self._kept) + 1, size=size, note=note))

    async def latest(self, size: int | None = None) -> KeptCheckpoint | None:
        fitting = [kept for kept in self._kept if size is None or kept.size == size]
        return fitting[-1] if fitting else None

    async def page(self, *, before: int | None, limit: int) -> Sequence[KeptCheckpoint]:
        older = [kept for kept in self._kept if before is None or kept.number < before]
        return older[::-1][:limit]
