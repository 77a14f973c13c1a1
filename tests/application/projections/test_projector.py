"""The projector itself: how it starts, ends, and lets go."""

import asyncio
from dataclasses import replace

import pytest

from application.event_log.progress import Progress
from application.mediator.questions import GetLabInstance, Latest
from application.ports.event_store import EventStoreUnavailable
from application.projections.projector import Projector
from domain.lab_instance.key import LabKey
from infrastructure.memory.event_store import MemoryEventStore
from tests.application.arrangement import Arrangement, SettableClock, arranged
from tests.domain.scenario import LAB
from tests.domain.test_user_commands import change, create
from tests.fakes.event_store import TroubledEventStore
from tests.fakes.virtual_time import in_virtual_time


async def test_the_projector_goes_on_where_it_stopped() -> None:
    app = arranged()
    async with app.projecting():
        await app.send(create)
        await app.projected.reached(1, within=1)
    await app.send(replace(change, labels={"while": "stopped"}))
    async with app.projecting():
        latest = GetLabInstance(key=LAB, moment=Latest(not_older_than=None))
        view = await app.mediator.ask(latest)
    assert view.lab.labels == {"while": "stopped"}


async def test_a_stopped_projector_leaves_no_task_behind() -> None:
    app = arranged()
    async with app.projecting():
        await app.send(create)
        await app.projected.reached(1, within=1)
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_broken_subscription_ends_it_after_what_had_come_in() -> None:
    store = TroubledEventStore(MemoryEventStore(SettableClock()))
    app = arranged(store)
    await app.send(create)
    projector = Projector(
        store,
        app.read_model,
        app.feed,
        projected=app.projected,
        recent=app.recent,
        api_objects=app.object_side.projection,
    )
    running = asyncio.create_task(projector.run())
    await app.projected.reached(1, within=1)
    store.cut()
    with pytest.raises(EventStoreUnavailable):
        await asyncio.wait_for(running, 1)
    assert await app.read_model.position() == 1


async def crowd(app: Arrangement, first: int) -> None:
    for number in range(first, first + 20):
        await app.send(replace(create, lab=LabKey("default", f"lab-{number}"), uid=str(number)))


@in_virtual_time
async def test_events_that_come_in_crowds_gather_for_a_moment() -> None:
    app = arranged()
    await crowd(app, 1)
    async with app.projecting():
        assert await app.projected.reached(20, within=1)
        await crowd(app, 21)
        await asyncio.sleep(0.001)
        assert app.projected.position == 20, "they gather"
        await asyncio.sleep(0.1)
        assert app.projected.position == 40, "and nobody had to ask"


@in_virtual_time
async def test_a_reader_that_waits_for_the_views_ends_the_gathering() -> None:
    app = arranged()
    await crowd(app, 1)
    async with app.projecting():
        assert await app.projected.reached(20, within=1)
        await crowd(app, 21)
        begun = asyncio.get_running_loop().time()
        assert await app.projected.reached(40, within=1)
        assert asyncio.get_running_loop().time() == begun


@in_virtual_time
async def test_a_reader_that_waited_in_vain_ends_no_later_gathering() -> None:
    progress = Progress()
    assert not await progress.reached(1_000_000, within=1)
    begun = asyncio.get_running_loop().time()
    await progress.asked_for(within=0.5)
    assert asyncio.get_running_loop().time() == begun + 0.5
