"""Checkpoints are made when there is news, and brought outside."""

import asyncio

from application.ports.log_tree import TreeHead
from application.ports.signed_checkpoints import AnchorFailed
from application.proving.anchoring import Anchoring
from application.proving.checkpoint_maker import CheckpointMaker
from domain.log_tree.checkpoint import LogCheckpoint, origin_by, read_checkpoint
from domain.log_tree.note import VerifierKey, read_note, signed_note
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.signed_checkpoints import MemoryLogTree, MemorySignedCheckpoints
from tests.contracts.given import NOON, SettableClock, append_numbered
from tests.fakes.virtual_time import in_virtual_time


def sign(checkpoint: LogCheckpoint) -> str:
    """By nobody."""
    return str(signed_note(checkpoint.text, VerifierKey("nobody", bytes(32)), bytes(64)))


def told(note: str) -> LogCheckpoint:
    return read_checkpoint(read_note(note).text)


class Arranged:
    """A log in memory, and who vouches for it."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.store = MemoryEventStore(self.clock)
        self.kept = MemorySignedCheckpoints()
        self.tree = MemoryLogTree(self.store)
        self.maker = CheckpointMaker(self.tree, self.kept, sign, self.clock)

    async def notes(self) -> list[LogCheckpoint]:
        found = await self.kept.page(before=None, limit=100)
        return [told(kept.note) for kept in reversed(found)]


class Outside:
    """An anchor that can be out of reach."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.trouble = ""

    async def bring(self, note: str) -> None:
        if self.trouble:
            raise AnchorFailed(self.trouble)
        self.notes.append(note)


async def test_a_log_without_events_is_not_vouched_for() -> None:
    assert not await Arranged().maker.make()


async def test_a_checkpoint_says_what_the_log_is_and_comes_once() -> None:
    log = Arranged()
    await append_numbered(log.store, "a", 2)
    assert [await log.maker.make() for _ in range(2)] == [True, False]
    head = await log.tree.head()
    assert head is not None
    [only] = await log.notes()
    assert only == LogCheckpoint(
        origin=origin_by(head.first), size=2, root=head.root, position=head.position, at=NOON
    )


async def test_a_later_process_does_not_repeat_what_was_vouched_for() -> None:
    log = Arranged()
    await append_numbered(log.store, "a", 2)
    await log.maker.make()
    again = CheckpointMaker(log.tree, log.kept, sign, log.clock)
    assert not await again.make()


async def test_events_that_nobody_saw_being_written_are_vouched_for_as_found() -> None:
    log = Arranged()
    await append_numbered(log.store, "a", 2)

    class Found(MemoryLogTree):
        async def head(self) -> TreeHead | None:
            head = await super().head()
            assert head is not None
            return TreeHead(size=head.size, root=head.root, position=2, first=head.first, found=2)

    maker = CheckpointMaker(Found(log.store), log.kept, sign, log.clock)
    assert await maker.make()
    assert [one.found for one in await log.notes()] == [True]


@in_virtual_time
async def test_news_without_end_are_vouched_for_ever_more_seldom() -> None:
    log = Arranged()
    making = asyncio.create_task(log.maker.run())
    for number in range(1, 601):
        await append_numbered(log.store, f"s{number}", 1)
        await asyncio.sleep(0.1)
    making.cancel()
    assert len(await log.notes()) == 8  # after 0, 2, 6, 14, 24, 34, 44 and 54 seconds


async def test_the_last_news_is_vouched_for_at_the_end() -> None:
    log = Arranged()
    await append_numbered(log.store, "a", 2)
    await log.maker.finish()
    assert [one.size for one in await log.notes()] == [2]


async def test_only_the_newest_checkpoint_is_brought_outside_and_once() -> None:
    kept, outside = MemorySignedCheckpoints(), Outside()
    anchoring = Anchoring(kept, outside, on_failure=lambda: None)
    assert await anchoring.bring()
    for size in (1, 2):
        await kept.keep(size, f"note {size}")
    assert [await anchoring.bring() for _ in range(2)] == [True, True]
    assert outside.notes == ["note 2"]


async def test_an_anchor_out_of_reach_is_told_until_it_works_again() -> None:
    kept, outside, failures = MemorySignedCheckpoints(), Outside(), [0]

    def failed() -> None:
        failures[0] += 1

    anchoring = Anchoring(kept, outside, on_failure=failed)
    await kept.keep(1, "note 1")
    outside.trouble = "it is away"
    assert [await anchoring.bring() for _ in range(2)] == [False, False]
    assert anchoring.trouble == "checkpoints are not anchored: it is away"
    assert failures == [2]
    outside.trouble = ""
    assert await anchoring.bring()
    assert (anchoring.trouble, outside.notes) == ("", ["note 1"])
