"""What becomes of a key after each outcome of a look."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise

import pytest

from application.control.backoff import Backoff
from application.control.controller import LookAgainAt
from application.control.observer import TurnOutcome
from application.control.work_queue import WorkQueue
from application.control.worker import Worker
from application.ports.event_store import EventStoreUnavailable, StreamConflict
from application.ports.provisioner import ProvisionerUnavailable
from domain.errors import LabInstanceNotFound
from domain.lab_instance.key import LabKey
from tests.application.control.arrangement import LAB, keys
from tests.fakes.clock import FakeClock
from tests.fakes.observer import RememberingObserver
from tests.fakes.randomness import SeededRandomness
from tests.fakes.virtual_time import in_virtual_time, until


class ScriptedController:
    """Answers each look at a lab by the next entry of its script; then all is done."""

    def __init__(self) -> None:
        self.scripts: dict[LabKey, list[Exception | LookAgainAt]] = {}
        self.takes: Callable[[LabKey], float] = lambda _: 0.0
        self.looks: list[tuple[LabKey, float]] = []
        self.now = 0
        self.most_at_once = 0

    async def reconcile(self, key: LabKey) -> LookAgainAt | None:
        self.looks.append((key, asyncio.get_running_loop().time()))
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        try:
            await asyncio.sleep(self.takes(key))
            script = self.scripts.get(key, [])
            answer = script.pop(0) if script else None
        finally:
            self.now -= 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    def times(self, key: LabKey = LAB) -> list[float]:
        return [at for looked_at, at in self.looks if looked_at == key]


class Shop:
    """A worker at work on a scripted controller."""

    def __init__(self) -> None:
        self.queue = WorkQueue(backoff=Backoff(base=1, cap=60), randomness=SeededRandomness())
        self.controller = ScriptedController()
        self.seen = RememberingObserver()
        self.clock = FakeClock()
        self.worker = Worker(
            self.queue, self.controller, parallelism=4, clock=self.clock, observer=self.seen
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.worker.run())
        yield
        self.queue.close()
        await task


@in_virtual_time
async def test_looking_again_really_happens_at_the_time_asked_for() -> None:
    shop = Shop()
    async with shop.open():
        at = shop.clock.now() + timedelta(minutes=5)
        shop.controller.scripts[LAB] = [LookAgainAt(at)]
        shop.queue.add(LAB)
        await asyncio.sleep(600)
    assert shop.controller.times() == [0, pytest.approx(300, abs=0.01)]
    assert shop.seen.looks == {TurnOutcome.LOOK_AGAIN: 1, TurnOutcome.DONE: 1}


@in_virtual_time
async def test_a_lost_race_is_looked_at_again_at_once() -> None:
    shop = Shop()
    async with shop.open():
        shop.controller.scripts[LAB] = [StreamConflict("a stream", 1, 2)]
        shop.queue.add(LAB)
        await asyncio.sleep(0.001)
    assert shop.controller.times() == [0, 0]


@in_virtual_time
@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (LabInstanceNotFound("class-a", "ada"), TurnOutcome.REFUSED),
        (ProvisionerUnavailable("gone"), TurnOutcome.WORLD_FAILED),
        (EventStoreUnavailable("gone"), TurnOutcome.WORLD_FAILED),
        (KeyError("a bug"), TurnOutcome.BUG),
    ],
)
async def test_trouble_is_retried_with_backoff_until_it_is_over(
    trouble: Exception, outcome: TurnOutcome
) -> None:
    shop = Shop()
    async with shop.open():
        shop.controller.scripts[LAB] = [trouble] * 4
        shop.queue.add(LAB)
        await asyncio.sleep(60)
    times = shop.controller.times()
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert len(pauses) == 4
    assert all(2**n / 2 <= pause <= 2**n + 0.01 for n, pause in enumerate(pauses))
    assert shop.seen.looks == {outcome: 4, TurnOutcome.DONE: 1}


@in_virtual_time
async def test_after_a_success_the_next_trouble_waits_as_briefly_as_the_first() -> None:
    shop = Shop()
    gone = ProvisionerUnavailable("gone")
    async with shop.open():
        shop.controller.scripts[LAB] = [gone] * 5
        shop.queue.add(LAB)
        await asyncio.sleep(100)
        shop.controller.scripts[LAB] = [gone]
        shop.queue.add(LAB)
        await asyncio.sleep(1.01)
    assert len(shop.controller.times()) == 8


@in_virtual_time
async def test_a_bug_is_logged_with_its_traceback_and_other_labs_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop = Shop()
    others = keys(20)
    async with shop.open():
        shop.controller.scripts[LAB] = [KeyError("a bug")] * 100
        for key in (LAB, *others):
            shop.queue.add(key)
        await asyncio.sleep(30)
    assert all(len(shop.controller.times(key)) == 1 for key in others)
    assert len(shop.controller.times()) > 3
    [first, *_] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert first.getMessage() == "will retry"
    assert first.exc_info is not None
    assert first.__dict__["lab"] == str(LAB)


@in_virtual_time
async def test_one_slow_lab_does_not_hold_back_the_others() -> None:
    shop = Shop()
    shop.controller.takes = lambda key: 1000 if key == LAB else 0
    async with shop.open():
        for key in (LAB, *keys(50)):
            shop.queue.add(key)
        await until(lambda: len(shop.controller.looks) == 51, within=1)


@in_virtual_time
async def test_never_more_labs_at_once_than_the_limit_and_never_one_lab_twice() -> None:
    shop = Shop()
    shop.controller.takes = lambda _: 1
    async with shop.open():
        for _ in range(3):
            for key in keys(20):
                shop.queue.add(key)
            await asyncio.sleep(0.5)
        await asyncio.sleep(100)
    assert shop.controller.most_at_once == 4
    for key in keys(20):
        times = shop.controller.times(key)
        assert all(b - a >= 1 for a, b in pairwise(times))


@in_virtual_time
async def test_a_worker_told_to_stop_finishes_what_it_has_begun() -> None:
    shop = Shop()
    shop.controller.takes = lambda _: 3
    task = asyncio.create_task(shop.worker.run())
    for key in keys(6):
        shop.queue.add(key)
    await asyncio.sleep(1)
    shop.queue.close()
    await task
    assert asyncio.get_running_loop().time() == pytest.approx(3)
    assert shop.seen.looks == {TurnOutcome.DONE: 4}
