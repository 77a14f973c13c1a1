"""Replicas divide the labs among themselves, and never work on the same ones."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from application.replicas.shards import fair_share, shard_of
from tests.application.replicas.arrangement import LEASE, SHARDS, House
from tests.fakes.virtual_time import in_virtual_time, until


def test_a_lab_is_in_the_same_shard_for_ever() -> None:
    known = {"4b5c3a52-0000-4000-8000-000000000001": 5, "a": 2, "": 4}
    assert {uid: shard_of(uid, 8) for uid in known} == known


def test_labs_are_spread_evenly_over_the_shards() -> None:
    counted = Counter(shard_of(str(UUID(int=number)), 16) for number in range(16_000))

    assert sorted(counted) == list(range(16))
    assert 850 < min(counted.values()) <= max(counted.values()) < 1150


@pytest.mark.parametrize("replicas", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("shards", [8, 9, 64])
def test_fair_shares_differ_by_one_at_most_and_leave_nothing_over(
    shards: int, replicas: int
) -> None:
    shares = [fair_share(shards, rank=rank, replicas=replicas) for rank in range(replicas)]

    assert sum(shares) == shards
    assert max(shares) - min(shares) <= 1


@in_virtual_time
async def test_a_replica_alone_has_all_shards_and_keeps_them() -> None:
    house = House()
    house.start("a")

    await house.all_worked_on(within=1)
    await asyncio.sleep(100 * LEASE)

    assert house.replicas["a"].keeper.mine == list(range(SHARDS))
    assert house.work.changes == SHARDS
    await house.close()


@in_virtual_time
async def test_replicas_have_equal_parts_and_a_newcomer_gets_its_own() -> None:
    house = House()
    house.start("a", "b")
    await until(lambda: house.shares() == [4, 4], within=LEASE)

    house.start("c")
    await until(lambda: house.shares() == [2, 3, 3], within=LEASE)

    settled = house.work.changes
    await asyncio.sleep(20 * LEASE)
    assert house.work.changes == settled
    await house.close()


@in_virtual_time
async def test_the_shards_of_a_dead_replica_move_within_two_leases() -> None:
    house = House()
    house.start("a", "b", "c")
    await until(lambda: house.shares() == [2, 3, 3], within=2 * LEASE)

    await house.replicas["b"].die()

    took = await house.all_worked_on(within=2 * LEASE)
    assert took > LEASE / 3
    await until(lambda: house.shares() == [4, 4], within=LEASE)
    await house.close()


@in_virtual_time
async def test_a_replica_that_stops_in_order_leaves_its_shards_at_once() -> None:
    house = House()
    house.start("a", "b")
    await until(lambda: house.shares() == [4, 4], within=LEASE)

    await house.replicas["a"].stop()

    await house.all_worked_on(within=LEASE / 2)
    assert house.work.by("b") == set(range(SHARDS))
    await house.close()


@pytest.mark.parametrize("fault", ["cut", "silent"])
@in_virtual_time
async def test_a_replica_that_cannot_renew_has_stopped_before_another_begins(fault: str) -> None:
    house = House()
    house.start("a", "b")
    await until(lambda: house.shares() == [4, 4], within=LEASE)
    lost = house.work.by("a")

    setattr(house.replicas["a"].line, fault, True)
    await until(lambda: house.work.by("a") == set(), within=LEASE)
    assert house.replicas["a"].keeper.mine == []

    await until(lambda: house.work.by("b") == set(range(SHARDS)), within=LEASE)
    assert all(house.work.tokens[shard][-1] > house.work.tokens[shard][0] for shard in lost)
    setattr(house.replicas["a"].line, fault, False)
    await until(lambda: house.shares() == [4, 4], within=LEASE)
    await house.close()


@in_virtual_time
async def test_work_ends_before_the_lease_can_end_at_the_store() -> None:
    house = House()
    house.start("a")
    await house.all_worked_on(within=1)
    house.replicas["a"].line.silent = True

    while house.work.at_work:
        held = await house.leases.holders()
        assert all(f"labs-{SHARDS}-shard-{shard}" in held for shard in house.work.at_work)
        await asyncio.sleep(0.1)

    assert len(await house.leases.holders()) == SHARDS + 1
    await house.close()


@in_virtual_time
async def test_an_outage_for_all_stops_all_and_ends_by_itself() -> None:
    house = House()
    house.start("a", "b")
    await until(lambda: house.shares() == [4, 4], within=LEASE)

    for replica in house.replicas.values():
        replica.line.cut = True
    await until(lambda: not house.work.at_work, within=LEASE)
    assert "the line is cut" in house.replicas["a"].keeper.trouble
    await asyncio.sleep(10 * LEASE)
    for replica in house.replicas.values():
        replica.line.cut = False

    await until(lambda: house.shares() == [4, 4], within=LEASE)
    assert house.replicas["a"].keeper.trouble == ""
    await house.close()


@in_virtual_time
async def test_a_short_outage_is_not_noticed_by_the_labs() -> None:
    house = House()
    house.start("a")
    await house.all_worked_on(within=1)

    for _ in range(10):
        house.replicas["a"].line.cut = True
        await asyncio.sleep(LEASE * 0.4)
        house.replicas["a"].line.cut = False
        await asyncio.sleep(LEASE)

    assert house.work.changes == SHARDS
    await house.close()


@in_virtual_time
async def test_the_earlier_of_two_replicas_of_one_name_stops_for_good_and_says_why() -> None:
    house = House()
    house.start("a")
    await house.all_worked_on(within=1)
    first = house.replicas["a"]
    house.work.at_work.clear()  # as if the two did not know of each other

    house.start("a")

    await until(lambda: "goes by this replica's name" in first.keeper.trouble, within=LEASE)
    await asyncio.sleep(10 * LEASE)
    assert first.keeper.mine == []
    assert house.replicas["a"].keeper.mine == list(range(SHARDS))
    await first.die()
    await house.close()


@in_virtual_time
async def test_shards_that_cannot_be_moved_stay_and_others_are_given_up() -> None:
    house = House()
    house.start("a")
    await house.all_worked_on(within=1)
    house.replicas["a"].work.stuck = {0, 1, 2, 5, 6, 7}

    house.start("b")
    await until(lambda: house.work.by("b") == {3, 4}, within=LEASE)

    await asyncio.sleep(10 * LEASE)
    assert house.work.by("a") == {0, 1, 2, 5, 6, 7}
    await house.close()


@in_virtual_time
async def test_more_replicas_than_shards_stand_by_without_any() -> None:
    house = House()
    names = [f"replica-{number}" for number in range(SHARDS + 2)]
    house.start(*names)
    await until(lambda: house.shares() == [1] * SHARDS, within=3 * LEASE)

    [first, *_] = house.work.at_work.values()
    await house.replicas[first].die()

    await until(lambda: len(house.work.at_work) == SHARDS - 1, within=LEASE)
    await until(lambda: house.shares() == [1] * SHARDS, within=2 * LEASE)
    await house.close()


@in_virtual_time
async def test_when_the_clock_of_the_store_jumps_the_later_token_is_the_higher_one() -> None:
    house = House()
    house.start("a")
    await house.all_worked_on(within=1)
    before = {shard: tokens[-1] for shard, tokens in house.work.tokens.items()}

    house.clock.jump(timedelta(seconds=2 * LEASE))
    await asyncio.sleep(LEASE)

    after = {shard: tokens[-1] for shard, tokens in house.work.tokens.items()}
    assert all(after[shard] > before[shard] for shard in range(SHARDS))
    assert house.replicas["a"].keeper.mine == list(range(SHARDS))
    await house.close()


@in_virtual_time
async def test_a_failure_to_begin_leaves_no_work_behind() -> None:
    house = House()
    house.start("a")
    house.work.at_work[5] = "somebody else, against all rules"

    await until(house.replicas["a"].task.done, within=LEASE)

    assert house.replicas["a"].task.exception() is not None
    assert house.work.by("a") == set()
