"""Several replicas look after the labs, each after its own, and stand in for each other."""

import asyncio

import pytest

from application.replicas.own_labs import NotOurs
from domain.lab_instance.end_facts import OrphanTerminated
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState
from tests.application.control.arrangement import keys
from tests.application.control.several import LEASE, SHARDS, Several
from tests.fakes.virtual_time import in_virtual_time, until

LABS = keys(24)


async def divided(several: Several, *names: str) -> None:
    """Wait until these replicas have an equal part each."""
    fair = SHARDS // len(names)
    await until(lambda: all(len(several.mine(name)) == fair for name in names), within=LEASE)


@in_virtual_time
async def test_each_lab_is_brought_up_by_one_replica_and_all_take_part() -> None:
    several = Several(shared=True)
    async with several.projected():
        a, b = several.start("a"), several.start("b")
        await divided(several, "a", "b")
        await a.bring_up(LABS)
        agents = [recorded.metadata["userAgent"] async for recorded in a.log.read_all(after=0)]
        assert {*agents} == {"tests", "replica a", "replica b"}
        for runtime in await b.world.list():
            assert b.world.starts(runtime.uid, 1) == 1


@in_virtual_time
async def test_labs_of_a_dead_replica_are_adopted_where_their_runtimes_can_be_reached() -> None:
    several = Several(shared=True)
    async with several.projected():
        a, b = several.start("a"), several.start("b")
        await divided(several, "a", "b")
        uids = await a.bring_up(LABS)
        await several.die("a")
        await until(lambda: len(several.mine("b")) == SHARDS, within=2 * LEASE)
        for key in LABS:
            await b.delete(key)
        await until(lambda: b.all_are(LabState.DELETED, LABS), within=5)
        assert sorted(b.world.terminated) == sorted(uids.values())
        assert "DriftDetected" not in await b.told(LABS[0])


@in_virtual_time
async def test_labs_out_of_reach_begin_anew_and_what_is_left_of_them_is_stopped() -> None:
    several = Several(shared=False)
    async with several.projected():
        a, b = several.start("a"), several.start("b")
        await divided(several, "a", "b")
        await a.bring_up(LABS)
        at_a = await several.running("a", LABS)
        await several.die("a")
        await until(lambda: _all_run(several, "b"), within=4 * LEASE)
        assert await several.running("a", LABS) == at_a != set(), "nobody could stop them"
        several.start("a")
        await until(lambda: _none_run(several, "a"), within=LEASE)
        assert await several.running("b", LABS) == {*LABS}
        assert {one.lab for one in await several.replicas["a"].world.list()} == at_a, "files stay"
        lab = next(iter(at_a))
        await b.delete(lab)
        await asyncio.sleep(LEASE)
        assert lab not in {one.lab for one in await several.replicas["a"].world.list()}
        assert any(isinstance(fact, OrphanTerminated) for fact in await b.facts(lab))


@in_virtual_time
async def test_a_newcomer_gets_no_shard_whose_labs_run_out_of_its_reach() -> None:
    several = Several(shared=False)
    async with several.projected():
        a = several.start("a")
        await a.bring_up(LABS[:1])
        shard = a.control.own.shard((await a.lab(LABS[0])).uid)
        several.start("b")
        await divided(several, "a", "b")
        assert shard in several.mine("a")
        await a.bring_up(LABS[1:])
        settled = several.mine("a")
        several.start("c")
        await asyncio.sleep(3 * LEASE)
        assert several.mine("a") == settled
        assert not any([await a.has_drifted(key) for key in LABS])


@in_virtual_time
async def test_a_replica_that_comes_back_in_time_has_its_labs_again_at_once() -> None:
    several = Several(shared=False)
    async with several.projected():
        a, _ = several.start("a"), several.start("b")
        await divided(several, "a", "b")
        await a.bring_up(LABS)
        before = several.mine("a")
        await several.die("a")
        await asyncio.sleep(LEASE / 2)
        several.start("a")
        await until(lambda: several.mine("a") == before, within=1)
        await asyncio.sleep(3 * LEASE)
        assert not any([await a.has_drifted(key) for key in LABS])


@in_virtual_time
async def test_the_provisioner_is_asked_nothing_for_a_lab_whose_lease_has_ended() -> None:
    several = Several(shared=True)
    async with several.projected():
        a = several.start("a")
        uid = (await a.bring_up(LABS[:1]))[LABS[0]]
        shard = a.control.own.shard(uid)
        a.control.own.keeper._kept.drop(a.control.own.keeper._names[shard])
        with pytest.raises(NotOurs):
            await a.control.gate.terminate(uid, keep_files=False)
        assert a.world.terminated == []


@in_virtual_time
async def test_work_under_way_ends_when_its_lab_is_lost() -> None:
    several = Several(shared=True)
    async with several.projected():
        a = several.start("a")
        await divided(several, "a")
        a.world.faults.hang()
        await a.create(LABS[0])
        await until(lambda: a.control.queue.working == 1, within=1)
        several.lines["a"].cut = True
        await until(lambda: several.mine("a") == [], within=LEASE)
        await asyncio.sleep(LEASE / 10)
        assert (a.control.queue.working, a.control.permits.held) == (0, 0)
        a.world.faults.resume()


@in_virtual_time
async def test_replicas_that_divide_otherwise_take_nothing_and_say_why() -> None:
    several = Several(shared=True)
    async with several.projected():
        several.start("a")
        await divided(several, "a")
        stranger = several.start("b", shards=SHARDS + 1)
        await asyncio.sleep(LEASE)
        assert several.mine("b") == []
        assert any("LAB_SHARDS must be the same" in one for one in stranger.control.troubles)
        assert len(several.mine("a")) == SHARDS


@in_virtual_time
async def test_an_orphan_is_set_aside_by_the_replica_of_its_shard_alone() -> None:
    several = Several(shared=True)
    async with several.projected():
        a, _ = several.start("a"), several.start("b")
        await divided(several, "a", "b")
        for number in range(12):
            a.world.plant(LabKey("class-x", f"stray-{number}"), f"uid-{number}")
            several.first.operator.discarded.add(f"uid-{number}")
        await until(lambda: len(a.world.aside) == 12, within=LEASE)
        await asyncio.sleep(LEASE)
        assert len(a.world.aside) == 12
        agents = [recorded.metadata["userAgent"] async for recorded in a.log.read_all(after=0)]
        assert {*agents} == {"replica a", "replica b"}


async def _all_run(several: Several, name: str) -> bool:
    return len(await several.running(name, LABS)) == len(LABS)


async def _none_run(several: Several, name: str) -> bool:
    return not await several.running(name, LABS)
