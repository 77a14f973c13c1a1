"""Following the log, whatever happens to the connection."""

import asyncio
import logging

import pytest

from application.event_log.labs import key_of
from application.ports.checkpoints import Checkpoint
from application.projections.origin import origin_of_log
from tests.application.control.arrangement import keys
from tests.application.control.watch import Watch
from tests.fakes.virtual_time import in_virtual_time, until


@in_virtual_time
async def test_every_event_is_published_once_in_order_whatever_it_is_about() -> None:
    watch = Watch()
    await watch.record(count=5)
    async with watch.watching():
        await watch.record(count=5)
        await until(lambda: len(watch.published) == 10, within=1)
        for key in keys(5):
            await watch.record(key)
        await until(lambda: len(watch.published) == 15, within=1)
    assert watch.positions() == list(range(1, 16))
    recorded = [one async for one in watch.log.read_all(after=0)]
    assert [changed.key for changed in watch.published] == [key_of(one.stream) for one in recorded]


@in_virtual_time
async def test_a_watcher_resumes_after_its_checkpoint_and_sees_what_happened_meanwhile() -> None:
    watch = Watch()
    async with watch.watching():
        await watch.record(count=12)
        await until(lambda: len(watch.published) == 12, within=1)
    await watch.record(count=3)
    watch.published.clear()
    watch.again()
    async with watch.watching():
        await until(lambda: len(watch.published) == 3, within=1)
    assert watch.positions() == [13, 14, 15]


@in_virtual_time
async def test_a_watcher_begins_before_its_checkpoint_when_asked_to() -> None:
    watch = Watch()
    async with watch.watching():
        await watch.record(count=10)
        await until(lambda: len(watch.published) == 10, within=1)
    watch.published.clear()
    watch.again().start_no_later_than(7)
    async with watch.watching():
        await until(lambda: len(watch.published) == 3, within=1)
    assert watch.positions() == [8, 9, 10]
    assert await watch.saved() == 10


@in_virtual_time
async def test_a_checkpoint_of_another_log_is_not_followed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watch = Watch()
    await watch.record(count=5)
    await watch.checkpoints.save("watcher", Checkpoint(position=3, origin="another log"))
    async with watch.watching():
        await until(lambda: len(watch.published) == 5, within=1)
    assert "the watcher's checkpoint is of another log; it is made anew" in caplog.messages
    caplog.clear()
    watch.again()
    async with watch.watching():
        await until(lambda: watch.watcher.caught_up, within=1)
    assert watch.positions() == [1, 2, 3, 4, 5]
    assert not caplog.messages


@in_virtual_time
async def test_a_checkpoint_beyond_the_end_of_a_log_that_was_set_back_misses_nothing() -> None:
    watch = Watch()
    await watch.record(count=5)
    origin = await origin_of_log(watch.store)
    assert origin is not None
    await watch.checkpoints.save("watcher", Checkpoint(position=30, origin=origin))
    async with watch.watching():
        await until(lambda: watch.watcher.caught_up, within=1)
        await watch.record(count=2)
        await until(lambda: len(watch.published) == 2, within=1)
    assert watch.positions() == [6, 7]


@in_virtual_time
async def test_a_watcher_of_an_empty_log_saves_once_there_is_an_event() -> None:
    watch = Watch()
    await watch.checkpoints.save("watcher", Checkpoint(position=900, origin="another log"))
    async with watch.watching():
        await until(lambda: watch.watcher.caught_up, within=1)
        await watch.record(count=2)
        await until(lambda: len(watch.published) == 2, within=1)
    assert await watch.saved() == 2


@in_virtual_time
async def test_saves_are_few_and_a_crash_between_them_repeats_but_misses_nothing() -> None:
    watch = Watch()
    async with watch.watching():
        for _ in range(100):
            await watch.record(count=10)
            await asyncio.sleep(0.05)
        assert 4 <= watch.checkpoints.saves <= 6
        saved = await watch.saved()
        assert 0 < saved < 1000
    assert await watch.saved() == 1000


@in_virtual_time
async def test_a_watcher_reconnects_for_ever_with_backoff_and_goes_on_where_it_was() -> None:
    watch = Watch()
    async with watch.watching():
        await watch.record(count=5)
        await until(lambda: watch.watcher.ready, within=1)
        for round_ in range(20):
            watch.store.cut()
            await watch.record(count=2)
            seen = 5 + 2 * (round_ + 1)
            await until(lambda seen=seen: len(watch.published) == seen, within=11)  # type: ignore[misc]  # bound now
    assert watch.positions() == list(range(1, 46))
    assert watch.store.subscribed[:2] == [0, 5]


@in_virtual_time
async def test_a_long_outage_is_survived_without_hammering_the_store() -> None:
    watch = Watch()
    async with watch.watching():
        await until(lambda: watch.watcher.ready, within=1)
        watch.store.outage = "gone"
        watch.store.cut()
        await asyncio.sleep(3600)
        assert not watch.watcher.ready
        assert "gone" in watch.watcher.trouble
        await watch.record(count=3)
        watch.store.outage = ""
        await until(lambda: watch.watcher.ready, within=11)
    assert watch.positions() == [1, 2, 3]


@in_virtual_time
async def test_an_event_that_cannot_be_decoded_stops_it_loudly_and_is_never_skipped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watch = Watch()
    watch.store.undecodable.add(4)
    await watch.record(count=6)
    async with watch.watching():
        await asyncio.sleep(120)
        assert watch.positions() == [1, 2, 3]
        assert not watch.watcher.ready
        assert "position 4" in watch.watcher.trouble
        errors = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert 10 < len(errors) < 40, "once in each backoff"
        assert all(record.__dict__["position"] == 4 for record in errors)
        watch.store.undecodable.clear()
        await until(lambda: watch.watcher.ready, within=11)
    assert watch.positions() == [1, 2, 3, 4, 5, 6]


@in_virtual_time
async def test_an_event_whose_handler_raises_is_published_again_before_the_next() -> None:
    watch = Watch()
    watch.broken_handlers = 3
    await watch.record(count=4)
    async with watch.watching():
        await until(lambda: len(watch.published) == 4, within=30)
    assert watch.positions() == [1, 2, 3, 4]


@in_virtual_time
async def test_a_store_that_cannot_push_is_polled() -> None:
    watch = Watch(pushes=False)
    async with watch.watching():
        await watch.record(count=3)
        took = await until(lambda: len(watch.published) == 3, within=6)
        assert took <= 5.1
        assert watch.watcher.ready
        watch.store.outage = "gone"
        await asyncio.sleep(30)
        assert not watch.watcher.ready
        watch.store.outage = ""
        await watch.record(count=3)
        await until(lambda: len(watch.published) == 6, within=16)
        assert watch.watcher.ready
    assert watch.positions() == [1, 2, 3, 4, 5, 6]
    assert watch.store.subscribed == []


@in_virtual_time
async def test_a_subscription_that_silently_delivers_nothing_is_noticed() -> None:
    watch = Watch()
    async with watch.watching():
        await until(lambda: watch.watcher.ready, within=1)
        watch.store.silent = True
        await watch.record(count=2)
        await asyncio.sleep(2)
        assert watch.watcher.lag == 2
        assert watch.watcher.ready, "a moment behind is nothing"
        await asyncio.sleep(4)
        assert not watch.watcher.ready
        assert watch.watcher.last_seen_age > 4
        watch.store.silent = False
        watch.store.cut()
        await until(lambda: watch.watcher.ready, within=11)
        assert watch.watcher.lag == 0
    assert watch.positions() == [1, 2]


@in_virtual_time
async def test_a_watcher_is_not_ready_before_it_has_caught_up() -> None:
    watch = Watch()
    watch.store.outage = "not yet"
    async with watch.watching():
        await asyncio.sleep(1)
        assert not watch.watcher.ready
        watch.store.outage = ""
        await until(lambda: watch.watcher.ready, within=11)
        assert watch.watcher.last_seen_age < 1


@in_virtual_time
async def test_a_watcher_is_not_ready_while_it_catches_up_after_a_reconnect() -> None:
    watch = Watch()
    async with watch.watching():
        await until(lambda: watch.watcher.ready, within=1)
        watch.handler_takes = 1.0
        watch.store.cut()
        await watch.record(count=10)
        await until(lambda: len(watch.published) == 1, within=2)
        assert not watch.watcher.ready
        await until(lambda: watch.watcher.ready, within=10)
        assert len(watch.published) == 10


@in_virtual_time
async def test_checkpoints_that_cannot_be_saved_do_not_stop_it() -> None:
    watch = Watch()
    watch.checkpoints.outage = True
    async with watch.watching():
        await watch.record(count=5)
        await asyncio.sleep(10)
        assert watch.positions() == [1, 2, 3, 4, 5]
        assert watch.watcher.ready
        watch.checkpoints.outage = False
        await asyncio.sleep(2)
        assert await watch.saved() == 5
