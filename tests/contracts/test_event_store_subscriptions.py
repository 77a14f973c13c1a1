"""What every event store promises to those who follow the log."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from application.ports.event_store import EMPTY, CaughtUp, EventStore, RecordedEvent
from tests.contracts.given import append_numbered, everything, new

STREAM = "labinstance-class-a/lab-1"
OTHER = "labinstance-class-a/lab-2"


async def test_a_subscription_goes_from_the_stored_to_the_live(event_store: EventStore) -> None:
    recorded = await append_numbered(event_store, STREAM, 3)
    async with aclosing_subscription(event_store, after=recorded[0].position) as subscription:
        assert await taken_open(subscription, 2) == recorded[1:]
        assert caught_up(await taken_open(subscription, 1), at_least=recorded[2].position)
        waiting = asyncio.create_task(taken_open(subscription, 1))
        await asyncio.sleep(0)
        live = await event_store.append(OTHER, [new()], expected=EMPTY)
        assert await waiting == list(live)


async def test_a_subscription_at_the_end_is_caught_up_at_once(event_store: EventStore) -> None:
    assert caught_up(await first_of(event_store, after=0), at_least=0)

    recorded = await append_numbered(event_store, STREAM, 1)

    head = recorded[0].position
    assert caught_up(await first_of(event_store, after=head), at_least=head)


async def test_a_subscription_misses_and_repeats_nothing_while_writers_are_busy(
    event_store: EventStore,
) -> None:
    async def write() -> None:
        for number in range(100):
            await event_store.append(f"{STREAM}{number}", [new(), new()], expected=EMPTY)

    writing = asyncio.create_task(write())
    positions: list[int] = []
    async with asyncio.timeout(20), aclosing_subscription(event_store, after=0) as subscription:
        async for item in subscription:
            if isinstance(item, RecordedEvent):
                positions.append(item.position)
            if len(positions) == 200:
                break
    await writing

    assert positions == [one.position for one in await everything(event_store)]


async def test_a_subscriber_that_falls_behind_still_gets_everything_once(
    event_store: EventStore,
) -> None:
    async with aclosing_subscription(event_store, after=0) as subscription:
        assert caught_up(await taken_open(subscription, 1), at_least=0)
        reading = asyncio.create_task(taken_open(subscription, 1))
        recorded = await append_numbered(event_store, STREAM, 20)
        received = await reading
        while received[-1] != recorded[-1]:
            received += await taken_open(subscription, 1)

    assert [one for one in received if isinstance(one, RecordedEvent)] == recorded


class aclosing_subscription(aclosing):  # type: ignore[type-arg]  # noqa: N801  like aclosing
    """A subscription that ends with its block."""

    def __init__(self, store: EventStore, *, after: int) -> None:
        super().__init__(store.subscribe_all(after=after))


def caught_up(items: Sequence[RecordedEvent | CaughtUp], *, at_least: int) -> bool:
    """Whether this is one CaughtUp. It may stand beyond the last event: others use the log."""
    return [isinstance(one, CaughtUp) and one.position >= at_least for one in items] == [True]


async def taken_open(
    source: AsyncIterator[RecordedEvent | CaughtUp], count: int
) -> list[RecordedEvent | CaughtUp]:
    """The next `count`, leaving the iterator open."""
    async with asyncio.timeout(10):
        return [await anext(source) for _ in range(count)]


async def first_of(store: EventStore, *, after: int) -> list[RecordedEvent | CaughtUp]:
    async with aclosing_subscription(store, after=after) as subscription:
        return await taken_open(subscription, 1)
