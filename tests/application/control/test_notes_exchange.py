"""Replicas that follow the views answer as the one that should write them does."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from application.control.notes_exchange import NotesExchange
from application.event_log.progress import Progress
from application.mediator.questions import GetLabInstance, Latest
from application.ports.read_model import ReadModelUnavailable
from application.ports.replica_notes import ReplicaNote
from application.projections.view_follower import ViewFollower
from infrastructure.memory.replica_notes import MemoryReplicaNotes
from tests.application.arrangement import Arrangement
from tests.application.control.arrangement import Service
from tests.application.projections.test_outlasting import Troubled, arranged
from tests.application.projections.test_view_follower import at_work, beside, follower
from tests.domain.scenario import LAB
from tests.domain.test_user_commands import create
from tests.fakes.clock import FakeClock
from tests.fakes.virtual_time import in_virtual_time

LATEST = GetLabInstance(key=LAB, moment=Latest(not_older_than=1))


class RefusingNotes(MemoryReplicaNotes):
    """Of a store that can be read only."""

    async def leave(self, note: ReplicaNote) -> None:
        raise ReadModelUnavailable("no space left on the server")


def exchange(notes: MemoryReplicaNotes, projected: Progress, replica: str) -> NotesExchange:
    return NotesExchange(notes, Service().control.waiting, projected, replica=replica)


def pair() -> tuple[Arrangement, Arrangement, Troubled, Callable[[], Awaitable[None]]]:
    """A replica that writes the views, one that follows, and the views."""
    writing, views = arranged()
    following = beside(writing)
    run: ViewFollower = follower(following)
    return writing, following, views, run.run


async def refusal(app: Arrangement) -> tuple[str, float]:
    """Why a read is refused, and after how long."""
    now = asyncio.get_running_loop().time
    begun = now()
    with pytest.raises(ReadModelUnavailable) as refused:
        await app.mediator.ask(LATEST)
    return refused.value.reason, now() - begun


@in_virtual_time
async def test_a_follower_says_at_once_what_keeps_the_writer() -> None:
    writing, following, views, follow = pair()
    notes = MemoryReplicaNotes(FakeClock())
    views.refusal = "a document is too large"
    ours = exchange(notes, writing.projected, "a")
    theirs = exchange(notes, following.projected, "b")
    async with writing.projecting(), at_work(follow, ours.run, theirs.run):
        await writing.send(create)
        await asyncio.sleep(10)
        reason, waited = await refusal(following)
        assert reason == "replica a, which writes the views, says: a document is too large"
        assert waited < 0.3
        views.refusal = ""
        await asyncio.sleep(2)
        assert (await following.mediator.ask(LATEST)).lab.key == LAB
        assert (await notes.all())[0].hindrance == ""


@in_virtual_time
async def test_views_that_move_disprove_a_note_of_one_who_is_gone() -> None:
    writing, following, _, follow = pair()
    notes = MemoryReplicaNotes(FakeClock())
    gone = ReplicaNote(replica="x", shards=(), limit=1, held=0, waiting={}, hindrance="full")
    await notes.leave(gone)
    theirs = exchange(notes, following.projected, "b")
    async with at_work(follow, theirs.run):
        await asyncio.sleep(5)
        assert "full" in following.projected.hearsay
        async with writing.projecting():
            await writing.send(create)
            assert (await following.mediator.ask(LATEST)).lab.key == LAB
        assert following.projected.hearsay == ""


@in_virtual_time
async def test_a_follower_finds_out_that_the_store_takes_no_writes() -> None:
    writing, following, views, follow = pair()
    views.refusal = "no space left on the server"
    theirs = exchange(RefusingNotes(FakeClock()), following.projected, "b")
    async with writing.projecting(), at_work(follow, theirs.run):
        await writing.send(create)
        assert not await following.projected.reached(1, within=5)
        for _ in range(3):
            reason, waited = await refusal(following)
            assert (reason, waited < 0.3) == ("no space left on the server", True)
            await asyncio.sleep(3)
        views.refusal = ""
        assert await following.projected.reached(1, within=2)
        assert following.projected.hearsay == ""


@in_virtual_time
async def test_a_replica_without_news_leaves_no_note() -> None:
    _, following, _, follow = pair()
    theirs = exchange(RefusingNotes(FakeClock()), following.projected, "b")
    async with at_work(follow):
        for _ in range(3):
            await theirs.exchange()
    assert following.projected.hearsay == ""
