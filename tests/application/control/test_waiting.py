"""What is said of a lab that waits for a permit, where it waits and elsewhere."""

import asyncio
from collections.abc import Collection
from dataclasses import replace

from application.control.notes_exchange import NotesExchange
from application.control.waiting import Waiting
from application.event_log.progress import Progress
from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.status import ConditionType, LabState
from domain.lab_instance.waiting import shown_waiting
from infrastructure.memory.replica_notes import MemoryReplicaNotes
from tests.application.control.arrangement import Service, keys, settings
from tests.application.control.several import Several
from tests.fakes.virtual_time import in_virtual_time, until

FEW = settings(max_concurrent_provisioning=2)


async def told(service: Service, key: LabKey) -> str:
    return service.control.waiting.told(await service.lab(key))


async def with_waiting(service: Service, labs: list[LabKey]) -> None:
    """All of them asked for, and none of them ever ready."""
    for key in labs:
        service.world.faults.delays[key] = 1000
        await service.create(key)
    await asyncio.sleep(2)


@in_virtual_time
async def test_a_lab_that_waits_is_told_its_place_and_how_many_permits_are_in_use() -> None:
    service, labs = Service(settings=FEW), keys(5)
    async with service.running():
        await with_waiting(service, labs)
        assert [await told(service, key) for key in labs] == [
            "",
            "",
            "waiting for a permit: 2 of 2 in use, place 1 in namespace class-a",
            "waiting for a permit: 2 of 2 in use, place 2 in namespace class-a",
            "waiting for a permit: 2 of 2 in use, place 3 in namespace class-a",
        ]
        await service.delete(labs[0])
        await asyncio.sleep(2)
        assert await told(service, labs[2]) == ""
        assert "place 1 in" in await told(service, labs[3])


@in_virtual_time
async def test_places_that_change_are_recorded_nowhere() -> None:
    service, labs = Service(settings=FEW), keys(10)
    async with service.running():
        for key in labs:
            await service.create(key)
        await until(lambda: service.all_are(LabState.READY, labs), within=60)
        assert {tuple(await service.told(key)) for key in labs} == {
            ("LabInstanceCreated", "ProvisioningStarted", "BecameReady")
        }


@in_virtual_time
async def test_a_crowd_that_never_gets_ready_holds_up_no_other_namespace_and_is_told_so() -> None:
    service, crowd = Service(settings=settings(max_concurrent_provisioning=8)), keys(10)
    [healthy] = keys(1, "class-b")
    async with service.running():
        await with_waiting(service, crowd)
        await service.create(healthy)
        await until(lambda: service.is_(LabState.READY, healthy), within=3)
        assert [await told(service, key) for key in (crowd[7], crowd[8], crowd[9], healthy)] == [
            "",
            "waiting for a permit: 8 of 8 in use, place 1 in namespace class-a",
            "waiting for a permit: 8 of 8 in use, place 2 in namespace class-a",
            "",
        ]


@in_virtual_time
async def test_a_lab_that_takes_turns_with_other_namespaces_is_told_so() -> None:
    service = Service(settings=settings(max_concurrent_provisioning=1))
    async with service.running():
        others = [key for letter in "bcd" for key in keys(2, f"class-{letter}")]
        await with_waiting(service, [*keys(3), *others])
        assert await told(service, keys(3)[1]) == (
            "waiting for a permit: 1 of 1 in use, place 1 in namespace class-a; "
            "namespaces take turns, 4 do"
        )


@in_virtual_time
async def test_a_crowd_that_is_looked_at_is_counted_once_a_second() -> None:
    service, labs = Service(settings=FEW), keys(300)
    async with service.running():
        await with_waiting(service, labs)
        counted = CountedPermits(service)
        shown = [await told(service, key) for key in labs]
        assert len({*shown}) == 299
        assert counted.times == 1


class CountedPermits:
    """Counts how often a queue is gone through."""

    def __init__(self, service: Service) -> None:
        self.times = 0
        self._queued = service.control.permits.queued
        service.control.permits.queued = self.queued  # type: ignore[method-assign]  # a spy

    def queued(self, namespace: str) -> Collection[LabKey]:
        self.times += 1
        return self._queued(namespace)


@in_virtual_time
async def test_replicas_tell_what_a_lab_of_another_one_waits_for() -> None:
    several = Several(shared=True)
    notes = MemoryReplicaNotes(several.first.clock)
    async with several.projected():
        services = [several.start(name) for name in "ab"]
        exchanges = [
            NotesExchange(notes, one.control.waiting, Progress(), replica=one.settings.replica)
            for one in services
        ]
        await until(lambda: _all_shards_are_held(several), within=30)
        await with_waiting(several.first, keys(30))
        for exchange in (*exchanges, *exchanges):
            await exchange.exchange()
        labs = [await several.first.lab(key) for key in keys(30)]
        waiting = [lab for lab in labs if _own(services, lab).told(lab)]
        assert len(waiting) == 22
        for lab in waiting:
            said = {one.settings.replica: one.control.waiting.told(lab) for one in services}
            assert sorted(text.partition(":")[0] for text in said.values()) == [
                "waiting for a permit",
                f"waiting for a permit of replica {_owner(services, lab).settings.replica}",
            ]
        await asyncio.sleep(16)
        lab = waiting[0]
        assert [one.control.waiting.told(lab) for one in services if not _owns(one, lab)] == [""]


async def _all_shards_are_held(several: Several) -> bool:
    return all(len(several.mine(name)) == 4 for name in "ab")


def _owns(service: Service, lab: LabInstance) -> bool:
    return service.control.own.ours(lab.uid)


def _owner(services: list[Service], lab: LabInstance) -> Service:
    [owner] = [one for one in services if _owns(one, lab)]
    return owner


def _own(services: list[Service], lab: LabInstance) -> Waiting:
    return _owner(services, lab).control.waiting


@in_virtual_time
async def test_a_note_is_left_while_labs_wait_and_once_more_afterwards() -> None:
    service = Service(settings=FEW)
    notes = MemoryReplicaNotes(service.clock)
    exchange = NotesExchange(notes, service.control.waiting, Progress(), replica="a")
    async with service.running():
        await exchange.exchange()
        assert await notes.all() == []
        await with_waiting(service, keys(5))
        await exchange.exchange()
        assert [dict(note.waiting) for note in await notes.all()] == [{"class-a": 3}]
        for key in keys(5):
            await service.delete(key)
        await asyncio.sleep(3)
        await exchange.exchange()
        assert [dict(note.waiting) for note in await notes.all()] == [{}]


@in_virtual_time
async def test_a_waiting_lab_shows_it_as_its_reason_and_why_the_attempt_before_failed() -> None:
    service, [key] = Service(settings=FEW), keys(1)
    async with service.running():
        await service.create(key)
        lab = await service.lab(key)
    shown = shown_waiting(lab, "waiting for a permit: 2 of 2 in use")
    [ready] = [each for each in shown.conditions if each.type is ConditionType.READY]
    assert (shown.reason, ready.reason) == ("WaitingForPermit", "WaitingForPermit")
    assert shown.message == ready.message == "waiting for a permit: 2 of 2 in use"
    again = shown_waiting(replace(lab, retries=1, message="port taken"), "waiting")
    assert again.message == "waiting; before that: port taken"
