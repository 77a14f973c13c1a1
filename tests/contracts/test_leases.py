"""What every keeper of leases promises."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from application.ports.leases import Lease, Leases, LeasesUnavailable
from infrastructure.memory.leases import MemoryLeases
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.sqlite.database import SqliteDatabase
from infrastructure.sqlite.leases import SqliteLeases
from tests.contracts.given import SettableClock

LONG = 60.0
SHORT = 0.5


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Leases, and how time passes for them."""

    leases: Leases
    wait: Callable[[float], Awaitable[None]]


def waiting_on(clock: SettableClock) -> Callable[[float], Awaitable[None]]:
    async def wait(seconds: float) -> None:
        clock.at += timedelta(seconds=seconds)

    return wait


@asynccontextmanager
async def sqlite_leases(path: Path, clock: SettableClock) -> AsyncIterator[Leases]:
    database = SqliteDatabase.open(path, clock=clock)
    yield SqliteLeases(database)
    await database.close()


@asynccontextmanager
async def mongodb_leases(uri: str) -> AsyncIterator[Leases]:
    async with open_mongodb(uri) as stores:
        yield stores.leases


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture(params=["memory", "sqlite", "mongodb"])
async def ground(
    request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock
) -> AsyncIterator[Ground]:
    match request.param:
        case "memory":
            yield Ground(leases=MemoryLeases(clock), wait=waiting_on(clock))
        case "sqlite":
            async with sqlite_leases(tmp_path / "labs.db", clock) as leases:
                yield Ground(leases=leases, wait=waiting_on(clock))
        case _:
            async with mongodb_leases(request.getfixturevalue("mongodb_uri")) as leases:
                yield Ground(leases=leases, wait=asyncio.sleep)


@pytest.fixture(params=["sqlite", "mongodb"])
def opening(
    request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock
) -> Callable[[], AbstractAsyncContextManager[Leases]]:
    """Opens the same kept leases again and again."""
    if request.param == "sqlite":
        return lambda: sqlite_leases(tmp_path / "labs.db", clock)
    uri = request.getfixturevalue("mongodb_uri")
    return lambda: mongodb_leases(uri)


async def acquired(leases: Leases, holder: str, seconds: float = LONG) -> Lease:
    lease = await leases.acquire("shard-1", holder=holder, seconds=seconds)
    assert lease is not None
    return lease


async def test_a_lease_goes_to_exactly_one_of_many_who_ask_at_the_same_time(
    ground: Ground,
) -> None:
    asking = [
        ground.leases.acquire("shard-1", holder=f"replica-{n}", seconds=LONG) for n in range(20)
    ]

    answers = await asyncio.gather(*asking)

    [won] = [lease for lease in answers if lease is not None]
    assert won.token == 1
    assert await ground.leases.holders() == {"shard-1": won.holder}


async def test_a_lease_goes_to_another_only_after_it_ended(ground: Ground) -> None:
    first = await acquired(ground.leases, "a")
    assert await ground.leases.acquire("shard-1", holder="b", seconds=LONG) is None
    assert await ground.leases.renew(first, seconds=SHORT)

    await ground.wait(SHORT + 0.1)

    second = await acquired(ground.leases, "b")
    assert second.token > first.token
    assert await ground.leases.holders() == {"shard-1": "b"}


async def test_a_renewed_lease_lasts_from_then_on(ground: Ground) -> None:
    lease = await acquired(ground.leases, "a", 4 * SHORT)

    assert await ground.leases.renew(lease, seconds=LONG)
    await ground.wait(4 * SHORT + 0.1)

    assert await ground.leases.acquire("shard-1", holder="b", seconds=LONG) is None
    assert await ground.leases.renew(lease, seconds=LONG)


async def test_a_lease_that_ended_cannot_be_renewed_even_if_nobody_took_it(
    ground: Ground,
) -> None:
    lease = await acquired(ground.leases, "a", SHORT)
    await ground.wait(SHORT + 0.1)

    assert not await ground.leases.renew(lease, seconds=LONG)

    assert await ground.leases.holders() == {}


async def test_a_late_holder_can_do_nothing_to_its_successor(ground: Ground) -> None:
    late = await acquired(ground.leases, "a", SHORT)
    await ground.wait(SHORT + 0.1)
    successor = await acquired(ground.leases, "b")

    assert not await ground.leases.renew(late, seconds=LONG)
    await ground.leases.release(late)

    assert await ground.leases.holders() == {"shard-1": "b"}
    assert await ground.leases.renew(successor, seconds=LONG)


async def test_a_released_lease_can_be_had_at_once_under_a_higher_token(ground: Ground) -> None:
    first = await acquired(ground.leases, "a")

    await ground.leases.release(first)

    assert await ground.leases.holders() == {}
    assert not await ground.leases.renew(first, seconds=LONG)
    second = await acquired(ground.leases, "b")
    await ground.leases.release(second)
    third = await acquired(ground.leases, "a")
    assert first.token < second.token < third.token


async def test_a_holder_that_asks_again_gets_it_anew_and_its_former_token_is_void(
    ground: Ground,
) -> None:
    before = await acquired(ground.leases, "a")

    again = await acquired(ground.leases, "a")

    assert again.token > before.token
    assert not await ground.leases.renew(before, seconds=LONG)
    await ground.leases.release(before)
    assert await ground.leases.renew(again, seconds=LONG)


async def test_names_have_nothing_to_do_with_each_other(ground: Ground) -> None:
    one = await acquired(ground.leases, "a")
    other = await ground.leases.acquire("$holder", holder="$name", seconds=LONG)

    assert other == Lease(name="$holder", holder="$name", token=1)
    await ground.leases.release(one)
    assert await ground.leases.holders() == {"$holder": "$name"}


async def test_tokens_and_leases_outlive_the_process(
    opening: Callable[[], AbstractAsyncContextManager[Leases]],
) -> None:
    async with opening() as leases:
        first = await acquired(leases, "a")
    async with opening() as leases:
        assert await leases.acquire("shard-1", holder="b", seconds=LONG) is None
        await leases.release(first)
    async with opening() as leases:
        assert (await acquired(leases, "b")).token > first.token


async def test_leases_that_were_let_go_of_are_unavailable(
    opening: Callable[[], AbstractAsyncContextManager[Leases]],
) -> None:
    async with opening() as leases:
        lease = await acquired(leases, "a")

    with pytest.raises(LeasesUnavailable, match="closed"):
        await leases.acquire("shard-2", holder="a", seconds=LONG)
    with pytest.raises(LeasesUnavailable, match="closed"):
        await leases.renew(lease, seconds=LONG)
    with pytest.raises(LeasesUnavailable, match="closed"):
        await leases.release(lease)
    with pytest.raises(LeasesUnavailable, match="closed"):
        await leases.holders()


@pytest.fixture(params=["memory", "sqlite"])
async def by_our_clock(
    request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock
) -> AsyncIterator[Leases]:
    if request.param == "memory":
        yield MemoryLeases(clock)
        return
    async with sqlite_leases(tmp_path / "labs.db", clock) as leases:
        yield leases


async def test_leases_do_not_end_while_the_clock_of_the_store_stands_still(
    by_our_clock: Leases,
) -> None:
    lease = await acquired(by_our_clock, "a", SHORT)

    for _ in range(3):
        assert await by_our_clock.acquire("shard-1", holder="b", seconds=LONG) is None

    assert await by_our_clock.renew(lease, seconds=SHORT)


async def test_a_lease_ends_at_its_very_last_moment(
    by_our_clock: Leases, clock: SettableClock
) -> None:
    lease = await acquired(by_our_clock, "a", SHORT)

    clock.at += timedelta(seconds=SHORT) - timedelta(microseconds=1)
    assert await by_our_clock.acquire("shard-1", holder="b", seconds=LONG) is None
    clock.at += timedelta(microseconds=1)

    assert not await by_our_clock.renew(lease, seconds=LONG)
    assert await by_our_clock.acquire("shard-1", holder="b", seconds=LONG) is not None


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=1)])
async def test_whichever_way_the_clock_is_set_there_is_one_holder_and_tokens_grow(
    by_our_clock: Leases, clock: SettableClock, jump: timedelta
) -> None:
    first = await acquired(by_our_clock, "a", SHORT)

    clock.at += jump
    second = await by_our_clock.acquire("shard-1", holder="b", seconds=LONG)

    assert await by_our_clock.renew(first, seconds=SHORT) is (second is None)
    assert second is None or second.token > first.token
