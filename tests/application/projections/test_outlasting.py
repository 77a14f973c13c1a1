"""A read model that refuses, or does not answer, is waited for; who reads is told why."""

import asyncio
import logging
from collections.abc import Sequence

import pytest

from application.mediator.questions import GetLabInstance, Latest
from application.ports.past_index import NOTHING_PASSED, Passed
from application.ports.read_model import ReadModelUnavailable, ViewsSetBack
from application.ports.views import CarriedOut, LabChange
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.read_model import MemoryReadModel
from tests.application.arrangement import Arrangement, SettableClock
from tests.domain.scenario import LAB
from tests.domain.test_user_commands import create
from tests.fakes.virtual_time import in_virtual_time

LATEST = GetLabInstance(key=LAB, moment=Latest(not_older_than=None))


class Troubled(MemoryReadModel):
    """Views that cannot be written while something is wrong."""

    refusal = ""
    set_back = False
    refused = 0

    def __init__(self) -> None:
        super().__init__()
        self.flows = asyncio.Event()
        self.flows.set()

    async def apply(
        self,
        changes: Sequence[LabChange],
        *,
        position: int,
        commands: Sequence[CarriedOut] = (),
        passed: Passed = NOTHING_PASSED,
    ) -> None:
        await self.flows.wait()
        if self.set_back:
            self.set_back = False
            raise ViewsSetBack
        if self.refusal:
            self.refused += 1
            raise ReadModelUnavailable(self.refusal)
        await super().apply(changes, position=position, commands=commands, passed=passed)


def arranged() -> tuple[Arrangement, Troubled]:
    clock, views = SettableClock(), Troubled()
    return Arrangement(clock=clock, store=MemoryEventStore(clock), read_model=views), views


@in_virtual_time
async def test_views_that_cannot_be_written_are_written_when_they_can_be(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app, views = arranged()
    now = asyncio.get_running_loop().time
    views.refusal = "the disk is full"
    async with app.projecting():
        await app.send(create)
        await asyncio.sleep(30)
        begun = now()
        with pytest.raises(ReadModelUnavailable, match="the disk is full"):
            await app.mediator.ask(LATEST)
        assert now() - begun < 0.1, "nobody waits for what is known not to come"
        views.refusal = ""
        await app.projected.reached(1, within=1.1)
        assert (await app.mediator.ask(LATEST)).lab.key == LAB
    assert views.refused > 10
    told = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert [(one.levelname, one.exc_info) for one in told] == [("WARNING", None)]


async def test_views_that_were_set_back_end_the_projector_so_that_it_goes_back_too() -> None:
    app, views = arranged()
    views.set_back = True

    async def projected() -> None:
        async with app.projecting():
            await app.send(create)
            await asyncio.sleep(10)

    with pytest.raises(ViewsSetBack):
        await projected()
    async with app.projecting():
        assert (await app.mediator.ask(LATEST)).lab.key == LAB


@in_virtual_time
async def test_a_writer_that_does_not_answer_is_named_to_readers() -> None:
    app, views = arranged()
    views.flows.clear()
    async with app.projecting():
        await app.send(create)
        await asyncio.sleep(10)
        with pytest.raises(ReadModelUnavailable, match="does not answer"):
            await app.mediator.ask(LATEST)
        views.flows.set()
        assert (await app.mediator.ask(LATEST)).lab.key == LAB


@in_virtual_time
async def test_a_single_refusal_fails_no_read() -> None:
    app, views = arranged()
    views.refusal = "a lock"
    async with app.projecting():
        await app.send(create)
        reading = asyncio.ensure_future(app.mediator.ask(LATEST))
        await asyncio.sleep(0.05)
        views.refusal = ""
        assert (await reading).lab.key == LAB
    assert views.refused == 1


@in_virtual_time
async def test_a_projector_that_is_stopped_in_an_outage_leaves_no_hindrance_behind() -> None:
    app, views = arranged()
    views.refusal = "the disk is full"
    async with app.projecting():
        await app.send(create)
        await asyncio.sleep(3)
        assert app.projected.hindrance
    assert not app.projected.hindrance
