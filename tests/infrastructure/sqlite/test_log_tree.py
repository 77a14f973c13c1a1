"""The tree over the log in the file: grown with the events, and what follows from them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.log_tree.tree import NO_LEAF, GrowingTree, event_leaf
from infrastructure.sqlite.connections import connect, make_ready
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_rows import EventRow, insert_rows
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.log_tree import LogTree, grow
from infrastructure.sqlite.schema import prepare
from tests.contracts.given import append_numbered
from tests.infrastructure.sqlite.reading import STREAM


def row(number: int) -> EventRow:
    metadata = '{"hash":"' + f"{number:064x}" + '"}'
    return (2 * number, "s", number, number.to_bytes(16, "big"), "t", "{}", metadata, number)


def rows(count: int, *, after: int = 0) -> list[EventRow]:
    return [row(number) for number in range(after + 1, count + 1)]


def plain(count: int) -> GrowingTree:
    """The tree over the first so many of these rows."""
    tree = GrowingTree()
    tree.extend(event_leaf(one[0], one[7], one[2].to_bytes(32, "big")) for one in rows(count))
    return tree


def found_in(path: Path) -> int:
    """How many events were there before the tree was."""
    with closing(connect(path)) as connection:
        [size] = connection.execute("SELECT size FROM tree_found").fetchone()
        return int(size)


@pytest.fixture
def file(path: Path) -> Path:
    make_ready(path, connect)
    return path


def write(file: Path, new: list[EventRow], tree: LogTree | None) -> None:
    """As the writer does, and its tree with it if there is one."""
    with closing(connect(file)) as connection:
        connection.execute("BEGIN")
        insert_rows(connection, new)
        if tree is not None:
            tree.follow(new)
            tree.write(connection)
        connection.execute("COMMIT")


async def test_the_tree_is_over_all_that_was_acknowledged(database: SqliteDatabase) -> None:
    recorded = await append_numbered(SqliteEventStore(database), STREAM, 3)
    tree = GrowingTree()
    leaves = [
        event_leaf(one.position, 1772366400250000, bytes.fromhex(one.metadata["hash"]))
        for one in recorded
    ]
    tree.extend(leaves)
    found = await database.tree()
    assert (found.size, found.root, found.position) == (3, tree.root, recorded[-1].position)
    assert found.first == leaves[0]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=6))
def test_a_tree_taken_up_again_is_the_one_that_was_left(steps: list[int]) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        prepare(connection)
        count = 0
        for step in steps:
            tree = LogTree.caught_up(connection)
            new = rows(count + step, after=count)
            insert_rows(connection, new)
            tree.follow(new)
            tree.write(connection)
            count += step
        again = LogTree.caught_up(connection).head
        assert (again.size, again.root, again.position) == (count, plain(count).root, 2 * count)


@pytest.mark.parametrize("count", [1, 255, 256, 700])
def test_events_that_were_not_committed_are_not_in_the_tree(file: Path, count: int) -> None:
    write(file, rows(count), LogTree())
    with closing(connect(file)) as connection:
        tree = LogTree.caught_up(connection)
        connection.execute("BEGIN")
        tree.follow(rows(count + 300, after=count))
        tree.write(connection)
    with closing(connect(file)) as connection:
        assert LogTree.caught_up(connection).head.root == plain(count).root


def test_a_log_without_a_tree_gets_one_and_is_known_as_found(file: Path) -> None:
    write(file, rows(65_700), None)
    with closing(connect(file)) as connection:
        grow(connection)
        kept = LogTree.kept(connection).head
        size = 65_700 // 256 * 256
        assert (kept.size, kept.root) == (size, plain(size).root)
        [heights] = connection.execute("SELECT count(*) FROM tree WHERE height = 16").fetchone()
        assert heights == 1
    assert found_in(file) == 65_700


def test_a_tree_that_its_writer_kept_is_not_as_found(file: Path) -> None:
    write(file, rows(600), LogTree())
    make_ready(file, connect)
    assert found_in(file) == 0


def test_a_tree_with_a_gap_is_built_again(file: Path) -> None:
    write(file, rows(900), LogTree())
    with closing(connect(file)) as connection:
        connection.execute("DELETE FROM tree WHERE number = 1")
        grow(connection)
        assert LogTree.caught_up(connection).head.root == plain(900).root
    assert found_in(file) == 900


@pytest.mark.parametrize(
    "damaged",
    [
        (1, "s", 1, b"", "t", "{}", "{}", 1),
        (-1, "s", 1, b"", "t", "{}", row(1)[6], 1),
        (1, "s", 1, b"", "t", "{}", row(1)[6], 2**70),
    ],
)
def test_a_damaged_row_has_no_leaf_and_those_after_it_keep_their_places(
    damaged: EventRow,
) -> None:
    tree, wanted = LogTree(), plain(1)
    tree.follow([row(1), damaged, row(2)])
    leaves = [NO_LEAF, event_leaf(4, 2, (2).to_bytes(32, "big"))]
    wanted.extend(leaves)
    assert tree.head.root == wanted.root


def test_text_in_the_file_that_is_none_keeps_no_tree_from_growing(file: Path) -> None:
    write(file, rows(300), None)
    with closing(connect(file)) as connection:
        connection.execute(
            "UPDATE events SET data = CAST(x'ff' AS TEXT), metadata = CAST(x'ff' AS TEXT)"
            " WHERE version = 299"
        )
        grow(connection)
        assert LogTree.caught_up(connection).head.size == 300
