"""Into how many shards a family of work is divided, by which names, and how many are due to a
seat. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from application.replicas.shards import fair_share


class CannotShare(Exception):
    """This replica and the others do not go together; it takes no part then."""


class NameTaken(CannotShare):
    """Another process uses this replica's name, and has taken what was held under it."""

    def __init__(self) -> None:
        super().__init__(
            "another process goes by this replica's name: give each a data directory of its own, "
            "never a copy, and restart this one"
        )


class OtherDivision(CannotShare):
    """Others divide the same work into another number of shards."""

    def __init__(self, shards: int) -> None:
        super().__init__(
            f"other replicas do not divide the labs into {shards} shards: LAB_SHARDS must be "
            "the same for all"
        )


@dataclass(frozen=True, slots=True)
class Division:
    """The names carry the number, so that another division shows."""

    family: str
    shards: int

    @property
    def names(self) -> Sequence[str]:
        """The lease of each shard."""
        return [f"{self.family}-{self.shards}-shard-{number}" for number in range(self.shards)]

    @property
    def seats(self) -> Sequence[str]:
        """The lease of each seat."""
        return [f"{self.family}-{self.shards}-seat-{number}" for number in range(self.shards)]

    def held(self, names: Collection[str]) -> Collection[int]:
        """The shards whose leases are among these."""
        return {shard for shard, name in enumerate(self.names) if name in names}

    def contradicted(self, names: Collection[str]) -> bool:
        """Whether among these leases are some of another division."""
        own = f"{self.family}-{self.shards}-"
        ours = [name for name in names if name.startswith(f"{self.family}-")]
        return not all(name.startswith(own) for name in ours)

    def share(self, seat: str | None, *, others: Collection[str]) -> int:
        """Nothing for who has no seat: there are more replicas than shards then."""
        if seat is None:
            return 0
        taken = [one for one in self.seats if one in others or one == seat]
        return fair_share(self.shards, rank=taken.index(seat), replicas=len(taken))
