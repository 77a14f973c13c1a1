"""The sorted tree of heads: where each stream ends, so that no event of one can be left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.log_tree.proofs import Node, root_of
from domain.log_tree.tree import leaf_of, node_of


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a stream: how many events it has, and the 32 bytes of the last one's hash."""

    stream: str
    versions: int
    hash: bytes

    @property
    def leaf(self) -> bytes:
        """The length of the name in UTF-8 as eight bytes, the name, the versions as eight bytes,
        big ends first; and the hash."""
        name = self.stream.encode()
        size, versions = len(name).to_bytes(8, "big"), self.versions.to_bytes(8, "big")
        return leaf_of(size + name + versions + self.hash)


class Heads:
    """All of them, sorted by the bytes of their names; `each` in that order."""

    def __init__(self, ends: Mapping[str, tuple[int, bytes]]) -> None:
        self.each = [Head(stream, *ends[stream]) for stream in sorted(ends, key=str.encode)]
        self.node = nodes_over([head.leaf for head in self.each])

    @property
    def root(self) -> bytes:
        """The root of the tree over them."""
        return root_of(len(self.each), self.node)


def nodes_over(leaves: Sequence[bytes]) -> Node:
    """The full subtrees over leaves that are in memory."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_of(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)])
    return lambda height, number: levels[height][number]
