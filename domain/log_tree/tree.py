"""The tree of RFC 6962 as it grows: one leaf for each event, in the order of the log."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from struct import Struct

TILE_HEIGHT = 8
"""Subtrees of this height, and of its multiples, are worth keeping: the others follow."""

TILE = 1 << TILE_HEIGHT
"""So many leaves are under one that is kept."""

NO_LEAF = bytes(32)
"""Stands in the place of an event whose row is damaged, so that those after it keep theirs."""

_LEAF = Struct(">BQq32s").pack


def event_leaf(position: int, recorded_at: int, chain_hash: bytes) -> bytes:
    """The leaf of one event. `recorded_at`: microseconds since 1970; `chain_hash`: the 32 bytes
    of the event's own hash, which covers all the rest of it."""
    if len(chain_hash) != 32:
        raise ValueError("a hash has 32 bytes")
    return sha256(_LEAF(0, position, recorded_at, chain_hash)).digest()


def leaf_of(data: bytes) -> bytes:
    """The leaf of any other data."""
    return sha256(b"\0" + data).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """The node above two others."""
    return sha256(b"\1" + left + right).digest()


def folded(hashes: Sequence[bytes]) -> bytes:
    """The root over full subtrees, each smaller than the one before; of none, that of an empty
    tree."""
    if not hashes:
        return sha256().digest()
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_of(left, root)
    return root


class GrowingTree:
    """A tree of `size` leaves as the roots of the full subtrees in it, the largest first: one
    for each bit of the size that is set. `complete`: those whose height is a multiple of
    TILE_HEIGHT and that were completed since somebody took them away, as height, number and
    hash."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)
        self.complete: list[tuple[int, int, bytes]] = []

    @property
    def hashes(self) -> Sequence[bytes]:
        """The roots of the full subtrees."""
        return tuple(self._hashes)

    @property
    def root(self) -> bytes:
        """The root of the whole."""
        return folded(self._hashes)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append the leaves."""
        hashes, size = self._hashes, self.size
        for leaf in leaves:
            node, rest, height = leaf, size, 0
            while rest & 1:
                node = sha256(b"\1" + hashes.pop() + node).digest()
                rest >>= 1
                height += 1
                if height % TILE_HEIGHT == 0:
                    self.complete.append((height, size >> height, node))
            hashes.append(node)
            size += 1
        self.size = size

    def copy(self) -> "GrowingTree":
        """One that grows by itself."""
        return GrowingTree(self.size, self._hashes)
