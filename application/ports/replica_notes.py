"""What replicas tell each other: who waits for a permit with them, and what keeps them from
writing the views."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaNote:
    """The permits of one replica, which looks after these shards: how many may be held and how
    many are, and how many labs wait in each namespace (of very many namespaces, in some).
    `hindrance`: why the views that it should write do not move, in words; empty where they do."""

    replica: str
    shards: Collection[int]
    limit: int
    held: int
    waiting: Mapping[str, int]
    hindrance: str = ""


class ReplicaNotes(Protocol):
    """One note of each replica, the newest. Hints for people: nothing is decided by them.

    Every method raises ReadModelUnavailable when the store cannot be used.
    """

    async def leave(self, note: ReplicaNote) -> None:
        """Put the note in the place of the replica's former one."""

    async def all(self) -> Sequence[ReplicaNote]:
        """The notes that were left within the last 15 seconds, by the clock of the store."""
