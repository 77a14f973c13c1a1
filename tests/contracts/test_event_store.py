"""What every event store promises, whatever it stores in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from application.ports.event_store import (
    EMPTY,
    EventStore,
    NewEvent,
    StreamConflict,
    Tip,
)
from tests.contracts.given import (
    NOON,
    SettableClock,
    append_numbered,
    created,
    new,
    numbered,
    tip_after,
)

T = TypeVar("T")
STREAM = "labinstance-class-a/lab-1"
OTHER = "labinstance-class-a/lab-2"


async def taken(source: AsyncIterator[T], count: int | None = None) -> list[T]:
    """The first `count` of what an iterator delivers, or all of it."""
    result: list[T] = []
    closing: Any = aclosing(source)
    async with asyncio.timeout(10), closing:
        if count == 0:
            return result
        async for item in source:
            result.append(item)
            if len(result) == count:
                break
    return result


async def test_appended_events_are_read_back(event_store: EventStore) -> None:
    wanted = [new(created("lab-1"), actor="ada", commandId="c-1"), new()]

    recorded = await event_store.append(STREAM, wanted, expected=EMPTY)

    assert await taken(event_store.read_stream(STREAM)) == list(recorded)
    assert [one.id for one in recorded] == [one.id for one in wanted]
    assert [one.event for one in recorded] == [one.event for one in wanted]
    assert [one.version for one in recorded] == [1, 2]
    assert [one.type for one in recorded] == [
        "lab-instance.created.v1",
        "lab-instance.restart-requested.v1",
    ]
    assert {one.stream for one in recorded} == {STREAM}
    assert 0 < recorded[0].position < recorded[1].position == await event_store.head()


async def test_an_event_tells_when_it_was_stored(
    event_store: EventStore, store_clock: SettableClock
) -> None:
    recorded = [
        *await event_store.append(STREAM, [new()], expected=EMPTY),
        *await event_store.append(OTHER, [new(), new()], expected=EMPTY),
        *await taken(event_store.read_all(after=0)),
    ]

    assert {one.recorded_at for one in recorded} == {store_clock.at}


async def test_metadata_is_kept_and_carries_the_chain(event_store: EventStore) -> None:
    first = await event_store.append(STREAM, [new(actor="ada"), new(actor="bob")], expected=EMPTY)
    [third] = await event_store.append(STREAM, [new(actor="eve")], expected=tip_after(first))

    metadata = [one.metadata for one in (*first, third)]
    assert [one["actor"] for one in metadata] == ["ada", "bob", "eve"]
    assert [one["previousHash"] for one in metadata] == [
        "",
        metadata[0]["hash"],
        metadata[1]["hash"],
    ]
    assert len({one["hash"] for one in metadata}) == 3


@pytest.mark.parametrize("length", [0, 1, 3])
@pytest.mark.parametrize("expected", [0, 1, 2, 3, 4])
async def test_new_events_fit_only_at_the_end_of_their_stream(
    event_store: EventStore, length: int, expected: int
) -> None:
    recorded = await append_numbered(event_store, STREAM, length)
    head = await event_store.head()

    if expected == length:
        [fresh] = await event_store.append(STREAM, [new()], expected=tip_after(recorded))
        assert fresh.version == length + 1
        return
    with pytest.raises(StreamConflict) as refusal:
        await event_store.append(STREAM, [new(), new()], expected=Tip(expected, "whatever"))

    assert (refusal.value.stream, refusal.value.expected) == (STREAM, expected)
    assert refusal.value.actual == length
    assert await event_store.head() == head
    assert await taken(event_store.read_stream(STREAM)) == recorded


@pytest.mark.parametrize(
    ("sent", "is_repeat"),
    [
        pytest.param([2], True, id="the first of those that followed"),
        pytest.param([2, 3], True, id="all that followed"),
        pytest.param([3], False, id="one, at another place"),
        pytest.param([2, 9], False, id="one known, then another"),
        pytest.param([9, 3], False, id="another, then one known"),
        pytest.param([2, 3, 9], False, id="all that followed and one more"),
        pytest.param([3, 2], False, id="all that followed, in another order"),
    ],
)
async def test_a_repeat_is_recognised_by_all_its_ids(
    event_store: EventStore, sent: Sequence[int], is_repeat: bool
) -> None:
    recorded = await append_numbered(event_store, STREAM, 3)
    attempt = event_store.append(
        STREAM, [numbered(number) for number in sent], expected=tip_after(recorded[:1])
    )

    if is_repeat:
        assert list(await attempt) == recorded[1 : 1 + len(sent)]
    else:
        with pytest.raises(StreamConflict):
            await attempt
    assert await taken(event_store.read_all(after=0)) == recorded


async def test_an_event_id_is_welcome_in_another_stream(event_store: EventStore) -> None:
    await append_numbered(event_store, STREAM, 1)

    [other] = await event_store.append(OTHER, [numbered(1)], expected=EMPTY)

    assert (other.stream, other.version) == (OTHER, 1)


async def test_appending_nothing_checks_and_writes_nothing(event_store: EventStore) -> None:
    assert list(await event_store.append(STREAM, [], expected=Tip(7, "x"))) == []

    assert await event_store.head() == 0


async def test_exactly_one_of_many_writers_at_one_tip_wins(event_store: EventStore) -> None:
    attempts = [event_store.append(STREAM, [new()], expected=EMPTY) for _ in range(20)]

    outcomes = await asyncio.gather(*attempts, return_exceptions=True)

    losers = [one for one in outcomes if isinstance(one, StreamConflict)]
    assert len(losers) == 19
    assert {loser.actual for loser in losers} == {1}
    assert len(await taken(event_store.read_all(after=0))) == 1


async def test_a_refused_append_leaves_those_beside_it_alone(event_store: EventStore) -> None:
    await append_numbered(event_store, STREAM, 1)
    good = [event_store.append(f"{OTHER}{n}", [new(), new()], expected=EMPTY) for n in range(5)]
    bad = [event_store.append(STREAM, [new(), new()], expected=EMPTY) for _ in range(5)]
    mixed = [attempt for pair in zip(bad, good, strict=True) for attempt in pair]

    outcomes = await asyncio.gather(*mixed, return_exceptions=True)

    assert [isinstance(one, StreamConflict) for one in outcomes] == [True, False] * 5
    assert len(await taken(event_store.read_all(after=0))) == 11


async def test_a_repeat_is_recognised_after_others_have_written(event_store: EventStore) -> None:
    [one] = await event_store.append(STREAM, [numbered(1)], expected=EMPTY)
    [two] = await event_store.append(STREAM, [numbered(2)], expected=Tip(1, "of the first"))

    assert list(await event_store.append(STREAM, [numbered(1)], expected=EMPTY)) == [one]
    assert (one.version, two.version) == (1, 2)


async def test_a_repeat_with_other_content_tells_what_was_recorded_before(
    event_store: EventStore,
) -> None:
    first = new(actor="ada")
    [recorded] = await event_store.append(STREAM, [first], expected=EMPTY)
    again = NewEvent(id=first.id, event=created("lab-1"), metadata={"actor": "bob"})

    assert list(await event_store.append(STREAM, [again], expected=EMPTY)) == [recorded]
    assert await taken(event_store.read_stream(STREAM)) == [recorded]


async def test_recorded_times_never_fall_when_the_clock_jumps_back(
    event_store: EventStore, store_clock: SettableClock
) -> None:
    for minutes in (0, 10, -60, 20):
        store_clock.at = NOON + timedelta(minutes=minutes)
        await event_store.append(f"{STREAM}{minutes}", [new()], expected=EMPTY)

    times = [one.recorded_at for one in await taken(event_store.read_all(after=0))]
    assert times == [NOON + timedelta(minutes=minutes) for minutes in (0, 10, 10, 20)]


@pytest.mark.parametrize(
    ("from_version", "backwards", "versions"),
    [
        (None, False, range(1, 101)),
        (1, False, range(1, 101)),
        (90, False, range(90, 101)),
        (100, False, [100]),
        (101, False, []),
        (None, True, range(100, 0, -1)),
        (100, True, range(100, 0, -1)),
        (3, True, [3, 2, 1]),
        (500, True, range(100, 0, -1)),
        (0, True, []),
    ],
)
async def test_streams_are_read_from_any_version_both_ways(
    event_store: EventStore,
    from_version: int | None,
    backwards: bool,
    versions: Sequence[int],
) -> None:
    events = [numbered(number) for number in range(1, 101)]
    recorded = await event_store.append(STREAM, events, expected=EMPTY)

    read = event_store.read_stream(STREAM, from_version=from_version, backwards=backwards)

    assert await taken(read) == [recorded[version - 1] for version in versions]


@pytest.mark.parametrize("backwards", [False, True])
async def test_an_absent_stream_delivers_nothing(event_store: EventStore, backwards: bool) -> None:
    await append_numbered(event_store, STREAM, 2)

    assert await taken(event_store.read_stream("labinstance-x/y", backwards=backwards)) == []


async def test_the_log_is_read_after_any_position(event_store: EventStore) -> None:
    recorded = list(await event_store.append(STREAM, [new() for _ in range(600)], expected=EMPTY))

    assert await taken(event_store.read_all(after=0)) == recorded
    middle = recorded[299]
    assert await taken(event_store.read_all(after=middle.position)) == recorded[300:]
    assert await taken(event_store.read_all(after=recorded[-1].position)) == []
    assert await taken(event_store.read_all(after=recorded[-1].position + 1000)) == []


async def test_the_log_is_read_back_from_its_end(event_store: EventStore) -> None:
    assert await taken(event_store.read_back()) == []
    recorded = list(await event_store.append(STREAM, [new() for _ in range(400)], expected=EMPTY))
    recorded += await event_store.append(OTHER, [new()], expected=EMPTY)

    assert await taken(event_store.read_back(), 3) == recorded[:-4:-1]
    assert await taken(event_store.read_back()) == recorded[::-1]
