"""The keyed queue."""

import asyncio

import pytest
import uvloop

from application.control.backoff import Backoff
from application.control.work_queue import QueueClosed, WorkQueue
from domain.lab_instance.key import LabKey
from tests.application.control.arrangement import LAB, keys
from tests.fakes.randomness import SeededRandomness
from tests.fakes.virtual_time import in_virtual_time

OTHER = LabKey("class-b", "bob")


def _queue() -> WorkQueue:
    return WorkQueue(backoff=Backoff(base=1, cap=60), randomness=SeededRandomness())


def _now() -> float:
    return asyncio.get_running_loop().time()


@in_virtual_time
async def test_a_key_added_twice_is_given_out_once() -> None:
    queue = _queue()
    queue.add(LAB)
    queue.add(LAB)
    assert await queue.get() == LAB
    queue.done(LAB)
    assert (queue.depth, queue.working) == (0, 0)


@in_virtual_time
async def test_a_key_added_while_it_is_worked_on_is_given_out_again_only_afterwards() -> None:
    queue = _queue()
    queue.add(LAB)
    await queue.get()
    queue.add(LAB)
    queue.add(LAB)
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(60)
    assert not waiting.done()
    queue.done(LAB)
    assert await waiting == LAB
    queue.done(LAB)
    assert queue.depth == 0


@in_virtual_time
async def test_a_delayed_key_comes_at_its_time() -> None:
    queue = _queue()
    queue.add(LAB, delay=90)
    assert queue.delayed == 1
    assert await queue.get() == LAB
    assert _now() == pytest.approx(90)
    assert queue.delayed == 0


@in_virtual_time
@pytest.mark.parametrize(("first", "second"), [(90, 10), (10, 90)])
async def test_the_earlier_of_two_delays_wins(first: float, second: float) -> None:
    queue = _queue()
    queue.add(LAB, delay=first)
    queue.add(LAB, delay=second)
    await queue.get()
    assert _now() == pytest.approx(10)
    queue.done(LAB)
    await asyncio.sleep(200)
    assert queue.depth == 0


@in_virtual_time
async def test_a_key_added_for_now_does_not_come_again_at_its_old_time() -> None:
    queue = _queue()
    queue.add(LAB, delay=30)
    queue.add(LAB)
    await queue.get()
    queue.done(LAB)
    assert _now() == 0
    await asyncio.sleep(60)
    assert queue.depth == 0


@in_virtual_time
async def test_a_delay_that_ends_while_the_key_is_worked_on_is_not_lost() -> None:
    queue = _queue()
    queue.add(LAB)
    await queue.get()
    queue.add(LAB, delay=5)
    await asyncio.sleep(10)
    assert queue.depth == 1
    queue.done(LAB)
    assert await queue.get() == LAB


@in_virtual_time
async def test_failures_in_a_row_wait_longer_and_longer_up_to_a_cap() -> None:
    queue = _queue()
    delays = []
    for _ in range(10):
        delays.append(queue.retry(LAB))
        assert await queue.get() == LAB
        queue.done(LAB)
    assert all(1 * 2**n / 2 <= delay <= 2**n for n, delay in enumerate(delays[:6]))
    assert all(30 <= delay <= 60 for delay in delays[6:])
    assert len(set(delays)) == len(delays), "without jitter they would fail together for ever"


@in_virtual_time
async def test_after_a_success_the_next_failure_is_the_first() -> None:
    queue = _queue()
    for _ in range(5):
        queue.retry(LAB)
    queue.forget(LAB)
    assert queue.retry(LAB) <= 1


@in_virtual_time
async def test_a_crowded_namespace_does_not_hold_back_another() -> None:
    queue = _queue()
    for key in keys(350):
        queue.add(key)
    queue.add(OTHER)
    given = []
    for _ in range(3):
        key = await queue.get()
        queue.done(key)
        given.append(key)
    assert OTHER in given[:2]


@in_virtual_time
async def test_keys_of_one_namespace_come_in_the_order_they_were_added() -> None:
    queue = _queue()
    for key in keys(5):
        queue.add(key)
    assert [await queue.get() for _ in range(5)] == keys(5)


@in_virtual_time
async def test_a_worker_that_gives_up_waiting_takes_no_key_with_it() -> None:
    queue = _queue()
    first, second = asyncio.create_task(queue.get()), asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.add(LAB)
    first.cancel()  # after it was woken, before it ran
    assert await asyncio.wait_for(second, 1) == LAB
    assert first.cancelled()


@in_virtual_time
async def test_a_closed_queue_gives_nothing_out_and_wakes_who_waits() -> None:
    queue = _queue()
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.close()
    with pytest.raises(QueueClosed):
        await waiting
    queue.add(LAB)
    with pytest.raises(QueueClosed):
        await queue.get()


@in_virtual_time
async def test_times_that_no_longer_count_take_no_memory() -> None:
    queue = _queue()
    for _ in range(10_000):
        queue.add(LAB, delay=3600)
        queue.add(LAB)
        queue.done(await queue.get())
    queue.add(LAB, delay=3600)
    assert len(queue._timers) < 100  # its size is the promise, and nothing else shows it


def test_delays_of_next_to_nothing_work_on_the_event_loop_of_the_service() -> None:
    async def add_two() -> None:
        queue = _queue()
        queue.add(LAB, delay=1e-9)  # this loop makes such a timer a plain handle
        queue.add(OTHER, delay=1e-9)
        assert {await queue.get(), await queue.get()} == {LAB, OTHER}

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(add_two())
