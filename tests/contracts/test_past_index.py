"""What every index of the past promises, whatever it stores in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from application.ports.past_index import Ending, Lifetime, Passed, PastIndex, Stretch, Within
from domain.lab_instance.key import LabKey
from tests.contracts.conftest import ReadSide

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
ANYWHERE = Within()


def life(name: str, born: int, *, version: int = 1, namespace: str = "class-a") -> Lifetime:
    return Lifetime(
        key=LabKey(namespace, name),
        uid=f"{name}-{version}",
        first_version=version,
        born=born,
        born_at=NOON + timedelta(microseconds=born),
    )


def end(of: Lifetime, *, version: int, position: int) -> Ending:
    return Ending(key=of.key, version=version, position=position)


def stretch(after: int, last: int) -> Stretch:
    ends = NOON + timedelta(microseconds=last)
    return Stretch(after=after, last=last, begins=NOON, ends=ends, events=last - after)


ANN, ANN_AGAIN = life("ann", 1), life("ann", 6, version=4)
ANN_B, BOB = life("ann-b", 2), life("bob", 3)
ELSEWHERE = life("ann", 4, namespace="class-b")
STORY = Passed(
    born=(ANN, ANN_B, BOB, ELSEWHERE, ANN_AGAIN),
    ended=(end(ANN, version=3, position=5), end(BOB, version=2, position=8)),
    stretches=(stretch(0, 5), stretch(5, 9)),
)


@pytest.fixture
async def told(read_side: ReadSide) -> PastIndex:
    await read_side.views.apply((), position=9, passed=STORY)
    return read_side.past


async def names(
    index: PastIndex, position: int, within: Within = ANYWHERE, after: LabKey | None = None
) -> Sequence[str]:
    found = await index.alive(position, within, after=after, limit=10)
    return [f"{one.key}#{one.first_version}" for one in found]


async def test_an_empty_index_knows_nothing(read_side: ReadSide) -> None:
    assert await read_side.past.reached() == 0
    assert await read_side.past.alive(5, ANYWHERE, after=None, limit=5) == []
    assert await read_side.past.latest(ANN.key) is None
    assert await read_side.past.stretches() == []


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (0, []),
        (1, ["class-a/ann#1"]),
        (4, ["class-a/ann#1", "class-a/ann-b#1", "class-a/bob#1", "class-b/ann#1"]),
        (5, ["class-a/ann-b#1", "class-a/bob#1", "class-b/ann#1"]),
        (6, ["class-a/ann#4", "class-a/ann-b#1", "class-a/bob#1", "class-b/ann#1"]),
        (8, ["class-a/ann#4", "class-a/ann-b#1", "class-b/ann#1"]),
    ],
)
async def test_alive_is_who_was_born_and_not_gone(
    told: PastIndex, position: int, expected: Sequence[str]
) -> None:
    assert await names(told, position) == expected


async def test_the_living_are_found_by_their_names_and_in_pages(told: PastIndex) -> None:
    assert await names(told, 4, Within(namespace="class-b")) == ["class-b/ann#1"]
    assert await names(told, 4, Within(name="ann")) == ["class-a/ann#1", "class-b/ann#1"]
    assert await names(told, 4, Within(namespace="class-a", name="bob")) == ["class-a/bob#1"]
    assert await names(told, 4, Within(namespace="class")) == []
    rest = await names(told, 4, after=ANN.key)
    assert rest == ["class-a/ann-b#1", "class-a/bob#1", "class-b/ann#1"]
    assert await told.alive(4, ANYWHERE, after=ANN.key, limit=1) == [ANN_B]
    inside = Within(namespace="class-b")
    assert await names(told, 4, inside, after=ANN.key) == ["class-b/ann#1"]


async def test_a_lifetime_reads_back_equal(told: PastIndex) -> None:
    gone = replace(ANN, gone=5, last_version=3)
    assert await told.latest(ANN.key, position=5) == gone
    assert await told.latest(ANN.key, position=6) == ANN_AGAIN
    assert await told.latest(ANN.key) == ANN_AGAIN
    assert await told.latest(ANN.key, version=3) == gone
    assert await told.latest(ANN.key, version=4) == ANN_AGAIN
    assert await told.latest(ELSEWHERE.key, position=3) is None
    assert await told.latest(LabKey("class-a", "an")) is None


async def test_a_repeat_changes_nothing(read_side: ReadSide, told: PastIndex) -> None:
    before = [await names(told, position) for position in range(10)], await told.stretches()
    await read_side.views.apply((), position=9, passed=STORY)
    await read_side.views.apply((), position=11, passed=STORY)
    assert ([await names(told, position) for position in range(10)], await told.stretches()) == (
        before
    )
    assert await told.reached() == 11


async def test_a_stretch_grows_and_never_shrinks(read_side: ReadSide, told: PastIndex) -> None:
    for upto, last in ((12, 12), (13, 11)):
        longer = Passed(stretches=(stretch(5, last),))
        await read_side.views.apply((), position=upto, passed=longer)
    assert await told.stretches() == [stretch(0, 5), stretch(5, 12)]


async def test_the_index_is_forgotten_with_the_views(read_side: ReadSide, told: PastIndex) -> None:
    await read_side.views.clear()
    assert await told.reached() == 0
    assert await names(told, 4) == []
    assert await told.stretches() == []


async def test_a_gap_is_made_up_for(read_side: ReadSide) -> None:
    half = Passed(born=STORY.born[:4], stretches=(stretch(0, 4),))
    await read_side.past.catch_up(half, position=0)
    await read_side.views.apply((), position=9, passed=STORY)
    assert await names(read_side.past, 8) == [
        "class-a/ann#4",
        "class-a/ann-b#1",
        "class-b/ann#1",
    ]
