"""The tree and its proofs, against a plain recursive definition and known vectors of RFC 6962."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.log_tree.heads import Heads, nodes_over
from domain.log_tree.proofs import (
    consistency,
    inclusion,
    is_consistent,
    root_by_inclusion,
    root_of,
)
from domain.log_tree.tree import GrowingTree, event_leaf, leaf_of

_LEAVES = [
    leaf_of(bytes.fromhex(data))
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
_MANY = [leaf_of(bytes([number % 256, number // 256])) for number in range(600)]
_SIZES = st.integers(1, len(_MANY))
_NODES = nodes_over(_MANY)
_unhurried = settings(deadline=None, max_examples=40)


def _plain_root(leaves: Sequence[bytes]) -> bytes:
    """As the RFC defines it."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\1" + _plain_root(leaves[:split]) + _plain_root(leaves[split:])).digest()


def _grown(leaves: Sequence[bytes]) -> GrowingTree:
    tree = GrowingTree()
    tree.extend(leaves)
    return tree


def test_known_roots_are_found() -> None:
    roots = [_grown(_LEAVES[:size]).root.hex() for size in range(1, 9)]
    assert tuple(roots) == _ROOTS
    assert GrowingTree().root == sha256().digest()


def test_a_known_inclusion_proof_is_made() -> None:
    path = [one.hex()[:16] for one in inclusion(0, 8, nodes_over(_LEAVES))]
    assert path == ["96a296d224f285c6", "5f083f0a1a33ca07", "6b47aaf29ee3c2af"]


@pytest.mark.parametrize(
    ("first", "second", "known"),
    [
        (1, 8, ["96a296d224f285c6", "5f083f0a1a33ca07", "6b47aaf29ee3c2af"]),
        (6, 8, ["0ebc5d3437fbe2db", "ca854ea128ed050b", "d37ee418976dd957"]),
        (2, 5, ["5f083f0a1a33ca07", "bc1a0643b12e4d2d"]),
    ],
)
def test_a_known_consistency_proof_is_made(first: int, second: int, known: list[str]) -> None:
    path = [one.hex()[:16] for one in consistency(first, second, nodes_over(_LEAVES))]
    assert path == known


@_unhurried
@given(_SIZES)
def test_a_tree_grows_to_the_plain_root(size: int) -> None:
    tree = _grown(_MANY[:size])
    assert tree.root == _plain_root(_MANY[:size]) == root_of(size, _NODES)
    assert len(tree.hashes) == size.bit_count()
    assert [(height, number) for height, number, _ in tree.complete] == [
        (8, number) for number in range(size // 256)
    ]


@_unhurried
@given(_SIZES, st.data())
def test_each_leaf_is_proved_at_its_place_and_at_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = inclusion(index, size, _NODES)
    root = _plain_root(_MANY[:size])
    assert root_by_inclusion(index, size, _MANY[index], path) == root
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        assert root_by_inclusion(other, size, _MANY[index], path) != root
    assert root_by_inclusion(index, size, _MANY[index], [*path, bytes(32)]) != root
    assert root_by_inclusion(size, size, _MANY[index], path) is None


@_unhurried
@given(_SIZES, st.data())
def test_a_tree_is_proved_to_go_on_from_an_earlier_one(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, size))
    path = consistency(first, size, _NODES)
    old, new = (first, _plain_root(_MANY[:first])), (size, _plain_root(_MANY[:size]))
    assert is_consistent(old, new, path)
    if 0 < first < size:
        assert not is_consistent((first, bytes(32)), new, path)
        assert not is_consistent(old, (size, bytes(32)), path)
        assert not is_consistent(new, old, path)
        assert not is_consistent(old, new, path[:-1])
        assert not is_consistent(old, new, [*path, bytes(32)])


def test_proofs_of_what_is_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="no leaf 8 in a tree of 8"):
        inclusion(8, 8, nodes_over(_LEAVES))
    with pytest.raises(ValueError, match="a tree of 3 does not go on from one of 8"):
        consistency(8, 3, nodes_over(_LEAVES))


def test_the_leaf_of_an_event_is_what_the_documents_say() -> None:
    bytes_ = b"\0" + (7).to_bytes(8, "big") + (-1).to_bytes(8, "big", signed=True) + bytes(32)
    assert event_leaf(7, -1, bytes(32)) == sha256(bytes_).digest()


def test_heads_are_sorted_by_the_bytes_of_their_names() -> None:
    ends = {"b": (1, bytes(32)), "\u00e4": (2, bytes(32)), "a": (3, bytes(32))}
    heads = Heads(ends)
    assert [head.stream for head in heads.each] == ["a", "b", "\u00e4"]
    assert heads.root == _plain_root([head.leaf for head in heads.each])
    assert heads.each[2].leaf == leaf_of(
        (2).to_bytes(8, "big") + b"\xc3\xa4" + (2).to_bytes(8, "big") + bytes(32)
    )
