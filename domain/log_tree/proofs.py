"""Proofs of RFC 6962: that a leaf is in a tree, and that a tree goes on from an earlier one."""

from collections.abc import Callable, Sequence

from domain.log_tree.tree import folded, node_of

Node = Callable[[int, int], bytes]
"""The root of a full subtree: its height, and its number from the left among those as high."""


def root_of(size: int, node: Node) -> bytes:
    """The root of the tree of so many leaves."""
    return _over(0, size, node)


def subtrees(size: int, node: Node) -> Sequence[bytes]:
    """The roots of the full subtrees in the tree of so many leaves, the largest first."""
    hashes: list[bytes] = []
    start = 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            hashes.append(node(height, start >> height))
            start += 1 << height
    return tuple(hashes)


def inclusion(index: int, size: int, node: Node) -> Sequence[bytes]:
    """The path that leads from a leaf to the root, from the bottom up; both from 0 on."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _largest_below(end - start)
        if index < middle:
            path.append(_over(middle, end, node))
            end = middle
        else:
            path.append(_over(start, middle, node))
            start = middle
    return tuple(reversed(path))


def consistency(first: int, second: int, node: Node) -> Sequence[bytes]:
    """What proves that the tree of `second` leaves begins with that of `first`; nothing where
    one is empty or both are the same."""
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {second} does not go on from one of {first}")
    path: list[bytes] = []
    start, end, whole = 0, second, True
    while start < first < end:
        middle = start + _largest_below(end - start)
        if first <= middle:
            path.append(_over(middle, end, node))
            end = middle
        else:
            path.append(_over(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(_over(start, end, node))
    return tuple(reversed(path))


def root_by_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that the path leads to from the leaf; None where it does not fit the place."""
    if not 0 <= index < size:
        return None
    place, last, node = index, size - 1, leaf
    for other in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            node = node_of(other, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_of(node, other)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None


def is_consistent(
    first: tuple[int, bytes], second: tuple[int, bytes], path: Sequence[bytes]
) -> bool:
    """Whether the path proves that the tree of `second`, a size and a root, begins with that of
    `first`. An empty tree begins every other."""
    (first_size, first_root), (second_size, second_root) = first, second
    if first_size > second_size:
        return False
    if first_size == second_size:
        return not path and first_root == second_root
    if first_size == 0:
        return not path and first_root == folded(())
    hashes = list(path)
    if first_size & (first_size - 1) == 0:
        hashes.insert(0, first_root)
    return bool(hashes) and _leads_to_both(first, second, hashes)


def _leads_to_both(
    first: tuple[int, bytes], second: tuple[int, bytes], hashes: Sequence[bytes]
) -> bool:
    place, last = first[0] - 1, second[0] - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    older = newer = hashes[0]
    for other in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            older, newer = node_of(other, older), node_of(other, newer)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            newer = node_of(newer, other)
        place, last = place >> 1, last >> 1
    return last == 0 and older == first[1] and newer == second[1]


def _over(start: int, end: int, node: Node) -> bytes:
    """The root over leaves that begin where a subtree as large as they are does."""
    hashes: list[bytes] = []
    while start < end:
        height = (end - start).bit_length() - 1
        hashes.append(node(height, start >> height))
        start += 1 << height
    return folded(hashes)


def _largest_below(count: int) -> int:
    """The largest power of two that is smaller."""
    return 1 << (count - 1).bit_length() - 1
