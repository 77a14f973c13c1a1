"""The contracts of LogTree and SignedCheckpoints, over memory and SQLite."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from application.ports.event_store import EventStore
from application.ports.log_tree import LogTree
from application.ports.signed_checkpoints import SignedCheckpoints
from domain.log_tree.proofs import is_consistent
from domain.log_tree.tree import GrowingTree, event_leaf
from infrastructure.codec.instants import to_microseconds
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.signed_checkpoints import MemoryLogTree, MemorySignedCheckpoints
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.event_store import SqliteEventStore
from infrastructure.sqlite.signed_checkpoints import SqliteLogTree, SqliteSignedCheckpoints
from tests.contracts.given import SettableClock, append_numbered


@dataclass
class Vouched:
    """A log, its tree and what was signed."""

    store: EventStore
    tree: LogTree
    checkpoints: SignedCheckpoints


@pytest.fixture(params=["memory", "sqlite"])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Vouched]:
    clock = SettableClock()
    if request.param == "memory":
        store = MemoryEventStore(clock)
        yield Vouched(store, MemoryLogTree(store), MemorySignedCheckpoints())
        return
    database = SqliteDatabase.open(tmp_path / "lab.sqlite", clock=clock)
    yield Vouched(
        SqliteEventStore(database), SqliteLogTree(database), SqliteSignedCheckpoints(database)
    )
    await database.close()


async def test_a_log_without_events_has_no_tree_and_no_checkpoint(log: Vouched) -> None:
    assert await log.tree.head() is None
    assert await log.checkpoints.latest() is None
    assert list(await log.checkpoints.page(before=None, limit=9)) == []


async def test_the_tree_is_over_all_that_was_appended(log: Vouched) -> None:
    for stream in ("a", "b"):
        await append_numbered(log.store, stream, 3)
        tree = GrowingTree()
        events = [one async for one in log.store.read_all(after=0)]
        leaves = [
            event_leaf(
                one.position,
                to_microseconds(one.recorded_at),
                bytes.fromhex(one.metadata["hash"]),
            )
            for one in events
        ]
        tree.extend(leaves)
        head = await log.tree.head()
        assert head is not None
        assert (head.size, head.root, head.first) == (len(events), tree.root, leaves[0])
        assert (head.position, head.found) == (events[-1].position, 0)


async def test_a_tree_is_proved_to_go_on(log: Vouched) -> None:
    await append_numbered(log.store, "a", 3)
    before = await log.tree.head()
    await append_numbered(log.store, "b", 297)
    after = await log.tree.head()
    assert before is not None
    assert after is not None
    path = await log.tree.consistency(3, 300)
    assert is_consistent((3, before.root), (300, after.root), path)
    with pytest.raises(ValueError, match=r"there are 300|no events for"):
        await log.tree.consistency(3, 301)


async def test_checkpoints_come_back_by_size_and_in_pages(log: Vouched) -> None:
    for size, note in ((1, "one"), (2, "two"), (1, "one again"), (4, "four")):
        await log.checkpoints.keep(size, note)
    latest, of_one = await log.checkpoints.latest(), await log.checkpoints.latest(1)
    assert latest is not None
    assert of_one is not None
    assert (latest.note, of_one.note) == ("four", "one again")
    assert await log.checkpoints.latest(3) is None
    first = await log.checkpoints.page(before=None, limit=3)
    rest = await log.checkpoints.page(before=first[-1].number, limit=3)
    assert [kept.note for kept in (*first, *rest)] == ["four", "one again", "two", "one"]
