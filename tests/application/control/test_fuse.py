"""In doubt nothing is touched: the grace time, the fuse, and the operator's word."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from application.control.unknown_runtimes import trips
from application.mediator.notifications import OrphanFound
from application.ports.read_model import ReadModelUnavailable
from application.ports.unknown_labs import OperatorsWord
from application.ports.views import LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.observation import Running
from infrastructure.memory.checkpoints import MemoryCheckpoints
from infrastructure.memory.event_store import MemoryEventStore
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.memory.unknown_labs import MemoryUnknownLabs
from tests.application.control.arrangement import LAB, Service, keys, settings
from tests.fakes.event_store import TroubledEventStore
from tests.fakes.virtual_time import in_virtual_time, until

LONG = 1200


class Silent(MemoryUnknownLabs):
    """The operator's word cannot be read."""

    silent = True

    async def word(self) -> OperatorsWord:
        if self.silent:
            raise OSError("the disk does not answer")
        return await super().word()


class HalfBlind(MemoryReadModel):
    """Cannot tell of one uid."""

    unseen = "!4"

    async def owned(self, uids: Sequence[str]) -> Mapping[str, LabInstanceView]:
        if self.unseen in uids:
            raise ReadModelUnavailable("gone")
        return await super().owned(uids)


def plant(service: Service, number: int, *, position: int = 0) -> list[str]:
    """So many runtimes that no event names."""
    uids = [f"stray-{one}" for one in range(number)]
    for uid in uids:
        service.world.plant(LabKey("class-x", uid), uid, position=position)
    return uids


async def running(service: Service) -> int:
    return sum(isinstance(one.observation, Running) for one in await service.world.list())


@pytest.mark.parametrize(
    ("unknown", "of", "tripped"),
    [
        (2, 2, False),
        (3, 3, True),
        (3, 14, True),
        (3, 15, False),
        (20, 100, False),
        (21, 100, True),
    ],
)
def test_the_fuse_needs_a_number_and_a_share(unknown: int, of: int, tripped: bool) -> None:
    assert trips(unknown, of=of) is tripped


@in_virtual_time
async def test_too_many_unknown_labs_run_on_and_an_operator_is_told_what_to_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = Service()
    async with service.running():
        await service.bring_up(keys(8))
        plant(service, 4)
        await asyncio.sleep(LONG)
        assert await running(service) == 12
        [alarm] = service.control.alarms
        assert alarm.startswith("labs unknown to the log: 4 of 12; nothing of them is touched")
        assert "`labctl adopt`" in alarm
        assert "`labctl discard`" in alarm
        assert service.control.troubles == (), "everything else is served"
        assert len(service.operator.told) == 4
        await service.bring_up([LAB])
    assert [one.getMessage() for one in caplog.records].count(alarm) == 1


@in_virtual_time
async def test_a_share_is_of_all_that_runs_however_small_the_batch() -> None:
    service = Service(settings=settings(reconcile_batch=3, orphan_grace=1.0))
    async with service.running():
        await service.bring_up(keys(20))
        for number in range(6):  # sorts before every uid of a lab, so the first batches hold them
            service.world.plant(LabKey("class-x", f"s-{number}"), f"!{number}")
        await asyncio.sleep(LONG)
        assert await running(service) == 26
        assert service.control.alarms


@in_virtual_time
async def test_a_part_that_could_not_be_looked_at_may_be_as_unknown() -> None:
    service = Service(settings=settings(reconcile_batch=3, orphan_grace=1.0))
    service.read_model = views = HalfBlind()
    service.assemble()
    async with service.running():
        await service.bring_up(keys(20))
        for number in range(6):  # they sort before every uid of a lab: two batches
            service.world.plant(LabKey("class-x", f"s-{number}"), f"!{number}")
        await asyncio.sleep(LONG)
        assert await running(service) == 26
        assert service.control.alarms == ()
        views.unseen = ""
        await until(lambda: bool(service.control.alarms), within=120)


@in_virtual_time
async def test_the_fuse_mends_itself_when_the_share_falls() -> None:
    service = Service()
    async with service.running():
        await service.bring_up(keys(8))
        uids = plant(service, 4)
        await until(lambda: bool(service.control.alarms), within=30)
        for uid in uids[1:]:
            await service.world.terminate(uid, keep_files=False)
        await until(lambda: not service.control.alarms, within=12)
        assert "each is ended and set aside" in service.control.notices[0]
        await until(lambda: service.world.aside == uids[:1], within=330)
        await until(lambda: service.control.notices == (), within=12)


@in_virtual_time
async def test_a_log_older_than_what_runs_sets_nothing_aside() -> None:
    service = Service()
    async with service.running():
        await service.bring_up(keys(8))
        plant(service, 1, position=await service.log.head() + 2)
        await asyncio.sleep(LONG)
        assert await running(service) == 9
        assert "the log is older than they are" in service.control.alarms[0]
        await service.bring_up([LAB])
        await asyncio.sleep(LONG)
        assert await running(service) == 10
        assert service.control.alarms, "that the log goes on past it proves nothing"


@in_virtual_time
async def test_a_log_that_goes_on_after_it_was_set_back_is_still_the_wrong_one_for_what_runs() -> (
    None
):
    service = Service()
    async with service.running():
        await service.bring_up(keys(8))
        given_in_a_lost_time_line = await service.log.head()
        service.store.lost.add(given_in_a_lost_time_line)
        plant(service, 1, position=given_in_a_lost_time_line)
        await asyncio.sleep(LONG)
        assert await running(service) == 9
        assert "the log is older than they are" in service.control.alarms[0]


@in_virtual_time
async def test_labs_tell_the_log_that_was_set_back_how_far_it_went() -> None:
    service = Service()
    async with service.running():
        await service.bring_up(keys(2))
    service.log = MemoryEventStore(service.clock)
    service.store = TroubledEventStore(service.log)
    service.read_model, service.checkpoints = MemoryReadModel(), MemoryCheckpoints()
    service.assemble()
    async with service.running():
        await asyncio.sleep(LONG)
        assert await running(service) == 2
        assert "the log is older than they are" in service.control.alarms[0]


@in_virtual_time
async def test_time_in_which_no_pass_was_made_does_not_count() -> None:
    service = Service()
    async with service.running():
        await service.bring_up()
        plant(service, 1)
        await asyncio.sleep(10)
        service.world.faults.outage = "gone"
        await asyncio.sleep(600)
        service.world.faults.outage = ""
        await asyncio.sleep(120)
        assert service.world.aside == []
        await until(lambda: len(service.world.aside) == 1, within=330)


@in_virtual_time
async def test_a_start_counts_anew() -> None:
    service = Service()
    for _ in range(3):
        async with service.running():
            plant(service, 1)
            await asyncio.sleep(200)
        service.assemble()
    assert service.world.aside == []


@in_virtual_time
async def test_adopted_labs_run_on_and_count_no_more() -> None:
    service = Service()
    async with service.running():
        await service.bring_up(keys(8))
        uids = plant(service, 4)
        await until(lambda: bool(service.control.alarms), within=30)
        service.operator.kept.update(uids)
        await until(lambda: not service.control.alarms, within=12)
        assert [one.kept for one in service.operator.told] == [True] * 4
        await asyncio.sleep(LONG)
        assert await running(service) == 12


@in_virtual_time
async def test_discarded_labs_are_set_aside_at_once_and_exactly_those() -> None:
    service = Service()
    async with service.running():
        await service.bring_up(keys(8))
        uids = plant(service, 6)
        await until(lambda: bool(service.control.alarms), within=30)
        service.operator.discarded.update(uids[:2])
        await until(lambda: sorted(service.world.aside) == uids[:2], within=12)
        await asyncio.sleep(LONG)
        assert await running(service) == 12
        assert service.operator.discarded == set(), "a word is used up"


@in_virtual_time
async def test_a_word_about_a_lab_that_is_known_does_nothing_and_is_struck_out() -> None:
    service = Service()
    async with service.running():
        uid = (await service.bring_up())[LAB]
        service.operator.discarded.update({uid, "a-uid-that-is-not-here"})
        await until(lambda: not service.operator.discarded, within=30)
        assert isinstance(await service.world.observe(uid), Running)
    assert service.world.aside == []


@in_virtual_time
async def test_a_report_before_its_time_ends_nothing() -> None:
    service = Service()
    async with service.running():
        [uid] = plant(service, 1)
        await asyncio.sleep(20)
        await service.mediator.publish(OrphanFound(lab=LabKey("class-x", uid), uid=uid))
        await asyncio.sleep(20)
        assert await running(service) == 1


@in_virtual_time
async def test_without_the_operators_word_nothing_is_set_aside() -> None:
    service = Service()
    service.operator = operator = Silent()
    service.assemble()
    async with service.running():
        await service.bring_up()
        plant(service, 1)
        await asyncio.sleep(LONG)
        assert service.world.aside == []
        operator.silent = False
        await until(lambda: len(service.world.aside) == 1, within=12)
