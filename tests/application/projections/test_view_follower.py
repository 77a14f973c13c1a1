"""Reads and watches where another replica writes the views."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from application.mediator.questions import GetLabInstance, Latest
from application.ports.read_model import ViewsAhead
from application.ports.views import LabChange, ViewChange
from application.projections.projector import Projector
from application.projections.view_follower import ViewFollower
from application.projections.view_writer import ViewWriter
from application.projections.watch_feed import Bookmark
from application.replicas.kept_leases import KeptLeases
from domain.lab_instance.control_commands import CompleteDeletion
from infrastructure.memory.leases import MemoryLeases
from tests.application.arrangement import Arrangement, arranged
from tests.domain.scenario import LAB, UID
from tests.domain.test_user_commands import change, create, delete
from tests.fakes.clock import FakeClock
from tests.fakes.virtual_time import in_virtual_time, until


def beside(writer: Arrangement) -> Arrangement:
    """Another replica on the same stores."""
    return Arrangement(writer.clock, writer.store, read_model=writer.read_model)


def follower(app: Arrangement) -> ViewFollower:
    return ViewFollower(
        app.store,
        app.read_model,
        app.feed,
        projected=app.projected,
        api_objects=app.object_side.projection,
    )


def projector(app: Arrangement) -> Projector:
    return Projector(
        app.store,
        app.read_model,
        app.feed,
        projected=app.projected,
        recent=app.recent,
        api_objects=app.object_side.projection,
    )


@asynccontextmanager
async def at_work(*runs: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(run()) for run in runs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def told(app: Arrangement, count: int, *, after: int = 0) -> list[int]:
    """The positions of the next changes that a watch tells."""
    found: list[int] = []
    async for change_ in app.feed.changes(after=after):
        if isinstance(change_, ViewChange):
            found.append(change_.position)
        elif len(found) >= count:
            break
    return found


@in_virtual_time
async def test_a_replica_answers_with_what_another_wrote_as_soon_as_it_is_asked() -> None:
    a = arranged()
    b = beside(a)
    async with at_work(projector(a).run, follower(b).run):
        made = await a.send(create)
        wanted = GetLabInstance(key=LAB, moment=Latest(not_older_than=made.position))
        assert (await b.mediator.ask(wanted)).resource_version == made.position
        assert asyncio.get_running_loop().time() < 0.1


@in_virtual_time
async def test_a_change_is_told_to_watchers_only_when_the_views_have_it() -> None:
    a = arranged()
    b = beside(a)
    async with at_work(follower(b).run):
        await a.send(create)
        await asyncio.sleep(1)
        assert b.feed.published.position == 0
        async with at_work(projector(a).run):
            await a.send(replace(change, labels={"a": "1"}))
            assert await told(b, 2) == [1, 2]


@in_virtual_time
async def test_a_late_follower_publishes_what_changed_and_what_it_was_before() -> None:
    a = arranged()
    async with at_work(projector(a).run):
        await a.send(create)
        await until(lambda: a.projected.position == 1, within=1)
        b = beside(a)
        async with at_work(follower(b).run):
            await until(lambda: b.projected.position == 1, within=1)
            await a.send(delete)
            await until(lambda: b.feed.published.position > 1, within=1)
            changes = [one async for one in _until_bookmark(b, after=1)]
    assert changes[0].before is not None
    assert changes[0].before.resource_version == 1


@in_virtual_time
async def test_the_views_are_written_by_one_and_by_the_other_when_it_is_gone() -> None:
    a = arranged()
    b = beside(a)
    leases = MemoryLeases(FakeClock())
    first, second = _projection(a, leases, "a"), _projection(b, leases, "b")
    async with at_work(second.run, second.keeper.run):
        async with at_work(first.run, first.keeper.run):
            await a.send(create)
            await until(lambda: b.projected.position == 1, within=5)
            assert first.projects != second.projects
        await first.keeper.give_all_back()
        await until(lambda: second.projects, within=6)
        await a.send(replace(change, labels={"a": "1"}))
        assert await b.projected.reached(2, within=1)
        assert await told(b, 2) == [1, 2]


@in_virtual_time
async def test_changes_ahead_of_the_checkpoint_reach_watchers_all_the_same() -> None:
    a = arranged()
    for command in (create, delete, CompleteDeletion(lab=LAB, uid=UID, proof="nothing runs")):
        await a.send(command)
    async with at_work(projector(a).run):
        await until(lambda: a.projected.position == 3, within=1)
    a.read_model._position = 1  # as after a crash between the views and the checkpoint
    b = beside(a)
    async with at_work(projector(b).run):
        assert await b.projected.reached(3, within=1)
        assert await told(b, 2, after=1) == [2, 3]


def _projection(app: Arrangement, leases: MemoryLeases, name: str) -> ViewWriter:
    kept = KeptLeases(leases, holder=name, seconds=6)
    return ViewWriter(kept, project=projector(app).run, follow=follower(app).run)


async def _until_bookmark(app: Arrangement, *, after: int) -> AsyncIterator[LabChange]:
    async for one in app.feed.changes(after=after):
        if isinstance(one, Bookmark):
            return
        yield one


async def test_a_follower_does_not_follow_views_that_are_ahead_of_the_log() -> None:
    app = arranged()
    await app.send(create)
    await app.read_model.apply((), position=30)
    with pytest.raises(ViewsAhead):
        await follower(app).run()
    assert app.projected.position == 0
