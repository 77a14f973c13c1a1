"""The position that a time of the past stands for, whatever the clock did."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from application.event_log.moments import Moments
from application.event_log.progress import Progress
from application.mediator.questions import AtPosition, AtTime
from application.ports.past_index import Passed
from application.ports.read_model import ForeignReadModel
from application.projections.past_filling import PastFilling
from domain.lab_instance.key import LabKey
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.past_index import MemoryPastIndex
from tests.application.arrangement import Arrangement, SettableClock, arranged
from tests.domain.scenario import NOW
from tests.domain.test_user_commands import create

YEAR = 366 * 86400.0


async def make(app: Arrangement, *names: str) -> int:
    """Labs, a minute apart; the position of the last."""
    position = 0
    for name in names:
        app.clock.pass_(60)
        outcome = await app.send(replace(create, lab=LabKey("default", name), uid=name))
        position = outcome.position
    return position


async def position_at(app: Arrangement, time: datetime) -> int:
    return await app.moments.position_of(AtTime(time=time))


async def test_a_time_stands_for_the_last_event_not_later() -> None:
    app = arranged()
    async with app.projecting():
        first = await make(app, "a")
        last = await make(app, "b", "c")
        app.clock.pass_(600)
        assert await position_at(app, NOW) == 0
        assert await position_at(app, NOW + timedelta(seconds=60)) == first
        assert await position_at(app, NOW + timedelta(seconds=119)) == first
        assert await position_at(app, NOW + timedelta(hours=9)) == last
        assert await app.moments.time_of(first) == NOW + timedelta(seconds=60)
        assert await app.moments.time_of(last) == NOW + timedelta(seconds=180)
        assert await app.moments.time_of(0) is None


async def test_a_clock_that_was_ahead_for_one_start_destroys_no_past() -> None:
    app = arranged()
    async with app.projecting():
        before = await make(app, "a", "b")
        app.clock.pass_(YEAR)
        wrong = await make(app, "wrong-1", "wrong-2", "wrong-3")
        app.clock.time = NOW + timedelta(minutes=10)
        after = await make(app, "c")
        app.clock.pass_(60)
        assert await position_at(app, NOW + timedelta(minutes=5)) == before
        assert await position_at(app, NOW + timedelta(minutes=11)) == after
        assert wrong < after
        assert await app.projected.reached(after, within=2)
        assert await app.moments.ahead() > timedelta(days=300)


async def test_a_clock_that_was_behind_for_one_start_destroys_no_past() -> None:
    app = arranged()
    async with app.projecting():
        before = await make(app, "a", "b", "b2")
        app.clock.time = datetime(1970, 1, 1, tzinfo=NOW.tzinfo)
        await make(app, "wrong")
        app.clock.time = NOW + timedelta(minutes=10)
        after = await make(app, "c")
        app.clock.pass_(60)
        assert await position_at(app, NOW + timedelta(minutes=2)) == before - 1
        assert await position_at(app, NOW + timedelta(minutes=9)) == before
        assert await position_at(app, NOW + timedelta(minutes=11)) == after


async def test_a_copied_log_whose_recorded_times_are_all_of_today_keeps_its_past() -> None:
    app = arranged()
    first = await make(app, "a")
    await make(app, "b")
    copied = MemoryEventStore(SettableClock())
    today = NOW + timedelta(days=365)
    async for recorded in app.store.read_all(after=0):
        copied._log.append(replace(recorded, recorded_at=today))
    clock = SettableClock()
    clock.time = today + timedelta(minutes=1)
    moments = Moments(copied, MemoryPastIndex(), clock)
    assert await moments.position_of(AtTime(time=NOW + timedelta(seconds=60))) == first


async def test_an_index_that_lags_is_helped_by_the_log() -> None:
    app = arranged()
    first = await make(app, "a")
    await make(app, "b")
    app.clock.pass_(1)
    assert await app.read_model.past.reached() == 0
    assert await position_at(app, NOW + timedelta(seconds=60)) == first


async def test_views_of_an_older_program_get_their_index_before_they_go_on() -> None:
    app = arranged()
    async with app.projecting():
        position = await make(app, "a", "b")
        assert await app.projected.reached(position, within=1)
    index = MemoryPastIndex()
    projected = Progress()
    filling = PastFilling(app.store, app.read_model, index, projected)
    await filling.run()
    assert await index.reached() == position
    assert (projected.position, projected.hindrance) == (position, "")
    assert await index.stretches() == await app.read_model.past.stretches()
    for key in (LabKey("default", "a"), LabKey("default", "b")):
        assert await index.latest(key) == await app.read_model.past.latest(key)
    await filling.run()
    assert await index.reached() == position


async def test_a_position_is_its_own_moment() -> None:
    app = arranged()
    position = await make(app, "a")
    assert await app.moments.position_of(AtPosition(position=position)) == position


async def test_the_last_events_of_a_writer_that_ended_are_in_a_stretch_of_the_next() -> None:
    app = arranged()
    async with app.projecting():
        position = await make(app, "a")
        await app.send(replace(create, lab=LabKey("default", "b"), uid="b"))
        end = await app.store.head()
        assert await app.projected.reached(end, within=1)
    index = app.read_model.past
    told = Passed(stretches=[replace((await index.stretches())[0], last=position, events=1)])
    index.clear()
    await index.catch_up(told, position=end)
    await PastFilling(app.store, app.read_model, index, app.projected).run()
    first, second = await index.stretches()
    assert (first.last, second.after, second.last) == (position, position, end)


async def test_views_of_another_log_get_no_index() -> None:
    app = arranged()
    await app.send(create)
    await app.read_model.apply((), position=1)
    await app.read_model.claim("the origin of some log")
    with pytest.raises(ForeignReadModel):
        await PastFilling(app.store, app.read_model, MemoryPastIndex(), app.projected).run()
