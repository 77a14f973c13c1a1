"""Views, queries of present and past, history, and the watch feed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from application.mediator.questions import (
    AtPosition,
    AtTime,
    GetLabInstance,
    Latest,
    ListLabInstances,
    ResourceVersionTooLarge,
)
from application.ports.selectors import EVERYTHING
from application.ports.views import LabChange, ViewChange
from application.projections.watch_feed import Bookmark
from domain.errors import LabInstanceNotFound
from domain.lab_instance.key import LabKey
from tests.application.arrangement import Arrangement, arranged
from tests.domain.scenario import LAB, NOW
from tests.domain.test_user_commands import abandon, change, create

NOW_ = Latest(not_older_than=None)
BOB = LabKey("default", "bob")


def _get(moment: Latest | AtPosition | AtTime) -> GetLabInstance:
    return GetLabInstance(key=LAB, moment=moment)


def _list(moment: Latest | AtPosition | AtTime) -> ListLabInstances:
    return ListLabInstances(wanted=EVERYTHING, moment=moment, after=None, limit=10)


async def test_a_write_is_read_back_at_once() -> None:
    app = arranged()
    async with app.projecting():
        written = await app.send(create)
        assert await app.mediator.ask(_get(NOW_)) == written.view


async def test_a_position_in_the_future_is_not_answered() -> None:
    app = arranged()
    async with app.projecting():
        await app.send(create)
        for moment in (Latest(not_older_than=99), AtPosition(position=99)):
            with pytest.raises(ResourceVersionTooLarge, match="99"):
                await app.mediator.ask(_get(moment))


async def test_a_deleted_lab_is_not_found_but_its_past_is() -> None:
    app = arranged()
    async with app.projecting():
        first = await app.send(create)
        app.clock.pass_(60)
        await app.send(abandon)
        with pytest.raises(LabInstanceNotFound):
            await app.mediator.ask(_get(NOW_))
        assert await app.mediator.ask(_get(AtPosition(position=first.position))) == first.view
        moment = AtTime(time=NOW + timedelta(seconds=59))
        assert await app.mediator.ask(_get(moment)) == first.view
        page = await app.mediator.ask(_list(moment))
        assert (list(page.views), page.position) == ([first.view], first.position)
        with pytest.raises(LabInstanceNotFound):
            await app.mediator.ask(_get(AtTime(time=NOW + timedelta(seconds=60))))


async def test_a_list_of_the_past_holds_what_existed_then() -> None:
    app = arranged()
    async with app.projecting():
        first = await app.send(create)
        second = await app.send(replace(create, lab=BOB, uid="bob"))
        await app.send(abandon)
        then = await app.mediator.ask(_list(AtPosition(position=second.position)))
        now = await app.mediator.ask(_list(NOW_))
    assert [view.lab.key for view in then.views] == [LAB, BOB]
    assert [view.lab.key for view in now.views] == [BOB]
    assert first.view in then.views


async def _take(changes: AsyncIterator[LabChange | Bookmark], count: int) -> Sequence[int]:
    taken: list[int] = []
    async with asyncio.timeout(5):
        async for change_ in changes:
            if isinstance(change_, ViewChange):
                taken.append(change_.position)
            if len(taken) == count:
                break
    return taken


async def _relabel(app: Arrangement, times: int) -> None:
    for number in range(times):
        await app.send(replace(change, labels={"n": f"{app.sent}-{number}"}))


@pytest.mark.parametrize("capacity", [2, 1000])
async def test_a_watch_delivers_every_change_from_any_position(capacity: int) -> None:
    app = arranged(capacity=capacity)
    async with app.projecting():
        await app.send(create)
        await _relabel(app, 20)
        await app.projected.reached(21, within=1)
        for start in (0, 1, 13, 20):
            watch = app.feed.changes(after=start)
            live = asyncio.create_task(_take(watch, 21 - start + 5))
            await asyncio.sleep(0)
            await _relabel(app, 5)
            seen = await live
            assert list(seen)[: 21 - start] == list(range(start + 1, 22))
            assert list(seen) == sorted(set(seen))


async def test_a_watcher_that_fell_behind_misses_nothing() -> None:
    app = arranged(capacity=3)
    async with app.projecting():
        await app.send(create)
        watch = app.feed.changes(after=0)
        assert list(await _take(watch, 1)) == [1]
        slow = app.feed.changes(after=1)
        pending = asyncio.ensure_future(anext(slow))
        await _relabel(app, 50)
        await app.projected.reached(51, within=1)
        first = await pending
        rest = await _take(slow, 49 if isinstance(first, ViewChange) else 50)
    seen = [first.position, *rest] if isinstance(first, ViewChange) else rest
    assert list(seen) == list(range(2, 52))


@pytest.mark.parametrize("capacity", [2, 1000])
async def test_a_crowd_of_watchers_from_far_back_leaves_time_for_others(capacity: int) -> None:
    app = arranged(capacity=capacity)
    async with app.projecting():
        await app.send(create)
        await _relabel(app, 400)
        await app.projected.reached(401, within=1)
        told = 0

        async def watch() -> None:
            nonlocal told
            async for change_ in app.feed.changes(after=0):
                if isinstance(change_, Bookmark):
                    return
                told += 1

        crowd = [asyncio.create_task(watch()) for _ in range(50)]
        most = 0
        while not all(one.done() for one in crowd):
            before = told
            await asyncio.sleep(0)
            most = max(most, told - before)
    assert told == 50 * 401
    assert most <= 500  # a few milliseconds' worth


async def test_the_old_state_comes_with_a_change_told_from_the_log() -> None:
    app = arranged(capacity=1)
    async with app.projecting():
        await app.send(create)
        await _relabel(app, 10)
        await app.projected.reached(11, within=1)
        watch = app.feed.changes(after=5)
        first = await anext(watch)
    assert isinstance(first, ViewChange)
    assert first.before is not None
    assert (first.before.resource_version, first.position) == (5, 6)


async def test_a_deletion_is_told_with_the_last_state() -> None:
    app = arranged()
    async with app.projecting():
        await app.send(create)
        gone = await app.send(abandon)
        watch = app.feed.changes(after=1)
        change_ = await anext(watch)
    assert isinstance(change_, ViewChange)
    assert change_.after is None
    assert change_.deleted == gone.view


async def test_a_watch_from_the_future_is_refused() -> None:
    app = arranged()
    async with app.projecting():
        with pytest.raises(ResourceVersionTooLarge):
            await anext(app.feed.changes(after=7))


async def test_every_watch_ends_when_the_service_stops() -> None:
    app = arranged()
    async with app.projecting():
        await app.send(create)
        watching = asyncio.create_task(_take(app.feed.changes(after=0), 99))
        await asyncio.sleep(0.01)
        app.feed.close()
        assert list(await watching) == [1]


async def test_changes_that_a_projector_repeats_do_not_reach_watchers_again() -> None:
    feed = arranged().feed
    first: LabChange = ViewChange(position=1, key=LAB, before=None, after=None, deleted=None)
    second = replace(first, position=2)
    feed.publish([first, second], position=2)
    feed.publish([first, second], position=2)
    feed.publish([second, replace(first, position=3)], position=3)
    assert await _take(feed.changes(after=0), 3) == [1, 2, 3]
