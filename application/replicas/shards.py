"""Labs divided among replicas: which shard a lab is in, how many shards are due to whom, and
what is done for those that are held."""

from collections.abc import Collection
from hashlib import sha256
from typing import Protocol


def shard_of(uid: str, shards: int) -> int:
    """The lab's shard, 0 to `shards` - 1: the same in every process and every release."""
    if shards == 1:
        return 0
    return int.from_bytes(sha256(uid.encode()).digest()[:8]) % shards


def fair_share(shards: int, *, rank: int, replicas: int) -> int:
    """How many shards are due to the replica of that rank, from 0, among so many."""
    each, left_over = divmod(shards, replicas)
    return each + (rank < left_over)


class ShardWork(Protocol):
    """What is done for the shards that are held."""

    async def begin(self, shard: int, token: int) -> None:
        """Look after the shard's labs from now on. Returns soon."""

    async def end(self, shard: int) -> None:
        """Look after them no more. Returns when nothing goes on for them here, which must take
        less than a tenth of a lease. May be repeated."""

    async def bound(self) -> Collection[int]:
        """The shards that nobody else could look after now, because what runs for their labs
        is in reach of this process alone. They are not given up for fairness' sake."""
