"""Who may begin, and when."""

import asyncio

from application.control.permits import Permits
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState
from tests.application.control.arrangement import Service, keys, settings
from tests.fakes.virtual_time import in_virtual_time, until


def _permits(limit: int) -> tuple[Permits, list[LabKey]]:
    woken: list[LabKey] = []
    return Permits(limit=limit, wake=woken.append), woken


def test_as_many_as_the_limit_may_begin_and_the_next_is_woken_when_one_is_through() -> None:
    permits, woken = _permits(2)
    first, second, third, fourth = keys(4)
    assert [permits.acquire(key) for key in (first, second, third, fourth)] == [
        True,
        True,
        False,
        False,
    ]
    permits.release(first)
    assert woken == [third]
    assert permits.acquire(third)
    assert permits.waits(fourth)


def test_asking_again_changes_nothing() -> None:
    permits, woken = _permits(1)
    first, second, third = keys(3)
    assert [permits.acquire(key) for key in (first, first)] == [True, True]
    for key in (second, third, second, second):
        permits.acquire(key)
    assert (permits.held, permits.waiting) == (1, 2)
    permits.release(first)
    assert woken == [second]


def test_namespaces_take_turns() -> None:
    permits, woken = _permits(1)
    [running] = keys(1, "class-z")
    crowd, other = keys(300), keys(2, "class-b")
    permits.acquire(running)
    for key in (*crowd, *other):
        permits.acquire(key)
    permits.release(running)
    for _ in range(3):
        permits.release(woken[-1])
    assert woken == [crowd[0], other[0], crowd[1], other[1]]


def test_a_lab_that_no_longer_wants_a_permit_leaves_the_queue() -> None:
    permits, woken = _permits(1)
    first, second, third = keys(3)
    for key in (first, second, third):
        permits.acquire(key)
    permits.release(second)
    assert woken == []
    permits.release(first)
    assert woken == [third]


def test_an_attempt_under_way_counts_even_above_the_limit() -> None:
    permits, woken = _permits(1)
    first, second, third = keys(3)
    permits.hold(first)
    permits.hold(second)
    assert not permits.acquire(third)
    permits.release(first)
    assert woken == []
    permits.release(second)
    assert woken == [third]


def test_a_permit_that_was_not_used_is_given_back_and_one_in_use_is_not() -> None:
    permits, woken = _permits(1)
    first, second = keys(2)
    permits.acquire(first)
    permits.acquire(second)
    permits.hold(first)
    permits.give_back(first)
    assert woken == []
    permits.release(first)
    assert woken == [second]
    permits.give_back(second)
    assert permits.held == 0


def test_permits_above_a_namespaces_share_keep_no_other_waiting() -> None:
    permits, woken = _permits(4)
    crowd, others = keys(6), [keys(2, f"class-{number}") for number in range(4)]
    assert [permits.acquire(key) for key in crowd] == [True] * 4 + [False] * 2
    assert [permits.acquire(first) for first, _ in others] == [True, True, True, False]
    assert not any(permits.acquire(second) for _, second in others)
    assert (permits.held, woken) == (7, [])
    for key in crowd[:3]:
        permits.release(key)
    assert woken == [], "as many as the limit are under way"
    permits.release(crowd[3])
    assert woken == [crowd[4]]


def test_guests_are_as_many_as_the_limit_at_most() -> None:
    permits, _ = _permits(2)
    for key in keys(20):
        permits.hold(key)
    assert not permits.acquire(keys(1, "class-b")[0])


def test_a_guest_that_had_to_wait_is_woken_when_it_may_begin() -> None:
    permits, woken = _permits(2)
    crowd, (guest,) = keys(4), keys(1, "class-b")
    for key in crowd:
        permits.hold(key)
    assert not permits.acquire(guest)
    permits.release(crowd[0])
    assert woken == [guest]


@in_virtual_time
async def test_labs_that_never_get_ready_keep_no_other_namespace_waiting() -> None:
    service = Service(settings=settings(max_concurrent_provisioning=4))
    [healthy] = keys(1, "class-b")
    async with service.running():
        for key in keys(12):
            service.world.faults.delays[key] = 1000
            await service.create(key)
        await asyncio.sleep(5)
        await service.create(healthy)
        await until(lambda: service.is_(LabState.READY, healthy), within=3)


@in_virtual_time
async def test_never_more_than_the_limit_are_provisioned_at_once_and_all_become_ready() -> None:
    service = Service(settings=settings(max_concurrent_provisioning=4))
    labs = keys(30)
    most = 0

    async def all_ready() -> bool:
        nonlocal most
        most = max(most, await service.under_way(labs))
        return await service.all_are(LabState.READY, labs)

    async with service.running():
        for key in labs:
            await service.create(key)
        took = await until(all_ready, within=20, step=0.05)
        assert service.control.permits.held == 0
    assert most == 4
    waves = 8
    assert took < waves * 1.2, "a permit that frees up is used at once"


@in_virtual_time
async def test_a_lab_of_a_small_class_does_not_wait_for_a_big_one() -> None:
    service = Service(settings=settings(max_concurrent_provisioning=2))
    [small] = keys(1, "class-b")
    async with service.running():
        for key in keys(40):
            await service.create(key)
        await service.create(small)
        await until(lambda: service.is_(LabState.READY, small), within=3.5)


@in_virtual_time
async def test_labs_that_wait_for_a_permit_are_not_called_stuck() -> None:
    service = Service(delay=25, settings=settings(max_concurrent_provisioning=1))
    labs = keys(8)
    async with service.running():
        for key in labs:
            await service.create(key)
        await until(lambda: service.all_are(LabState.READY, labs), within=300, step=1)
    assert service.seen.corrections == {}


@in_virtual_time
async def test_a_poisoned_lab_keeps_no_permit_from_the_others() -> None:
    service = Service(settings=settings(max_concurrent_provisioning=1))
    poisoned, *healthy = keys(5)
    service.recording.poisoned.add(poisoned)
    async with service.running():
        for key in (poisoned, *healthy):
            await service.create(key)
        await until(lambda: service.all_are(LabState.READY, healthy), within=10)
        assert await service.is_(LabState.PENDING, poisoned)
        service.recording.poisoned.clear()
        await until(lambda: service.is_(LabState.READY, poisoned), within=35)
