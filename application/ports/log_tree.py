"""The tree of hashes over the log, as whoever keeps it tells of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeHead:
    """The tree over the first `size` events of the log, the last one at `position`: its root, and
    the leaf of the first event. `found`: so many of them were not seen by the keeper when they
    were written, and nobody has vouched for them as found yet."""

    size: int
    root: bytes
    position: int
    first: bytes
    found: int


class LogTree(Protocol):
    """One leaf for each event, in the order of the log; nothing of it is ever changed.

    Every method raises EventStoreUnavailable when it cannot be read.
    """

    async def head(self) -> TreeHead | None:
        """The tree over all that was acknowledged before the call, or a little less where it is
        made by following; None while there is nothing."""

    async def consistency(self, first: int, second: int) -> Sequence[bytes]:
        """The proof of RFC 6962 that the tree of `second` leaves begins with that of `first`.
        Raises ValueError where `second` is beyond the tree, or smaller than `first`."""
