"""Following the log into the audit's records: once, in order, and only of one log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from application.event_log.progress import Progress
from application.ports.audit_records import (
    Act,
    ActFilter,
    AuditRecords,
    Life,
    LifeFilter,
    Reading,
    Transition,
    UsageBy,
    UsageQuestion,
)
from application.ports.checkpoints import Checkpoint
from application.projections.audit_recorder import AuditRecorder
from domain.api_object.commands import DeclareApiObject
from domain.api_object.key import namespace_key
from domain.lab_instance.control_commands import CompleteDeletion
from infrastructure.memory.audit_records import MemoryAuditRecords
from infrastructure.sqlite.audit_records import SqliteAuditRecords
from tests.application.arrangement import Arrangement, arranged, context
from tests.domain.scenario import LAB, NOW, UID
from tests.domain.test_user_commands import change, create, delete
from tests.fakes.event_store import TroubledEventStore

_EVERYTHING = Reading(newest_first=False, limit=1000)


@asynccontextmanager
async def recording(
    inner: Arrangement, records: AuditRecords | None = None
) -> AsyncIterator[Progress]:
    """The recorder at work on the records."""
    recorded = Progress()
    recorder = AuditRecorder(
        inner.store, records or inner.records, recorded=recorded, recent=inner.recent
    )
    task = asyncio.create_task(recorder.run())
    try:
        yield recorded
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def caught_up(inner: Arrangement, recorded: Progress) -> None:
    assert await recorded.reached(await inner.store.head(), within=2)


async def acts(records: AuditRecords) -> list[Act]:
    return list(await records.acts(ActFilter(), _EVERYTHING))


async def whole(records: AuditRecords) -> tuple[list[Act], list[Life], list[Transition], object]:
    question = UsageQuestion(by=UsageBy.LAB, label="", since=NOW.replace(year=2000), until=NOW)
    return (
        await acts(records),
        list(await records.lives(LifeFilter(), _EVERYTHING)),
        list(await records.journal(after=0, upto=1000, limit=1000)),
        list(await records.usage(question)),
    )


async def test_a_recorder_that_was_stopped_goes_on_where_it_was() -> None:
    inner = arranged()
    async with recording(inner) as recorded:
        await inner.send(create)
        await caught_up(inner, recorded)
    await inner.send(change)
    await inner.send(delete)
    async with recording(inner) as recorded:
        await inner.send(CompleteDeletion(lab=LAB, uid=UID, proof="nothing runs"))
        await caught_up(inner, recorded)
    at_once = MemoryAuditRecords()
    async with recording(inner, at_once) as recorded:
        await caught_up(inner, recorded)
    assert await whole(inner.records) == await whole(at_once)
    assert (await acts(at_once))[-1].type == "lab-instance.deleted.v1"


async def test_records_made_without_what_the_service_remembers_are_the_same() -> None:
    inner = arranged()
    for command in (create, change, delete):
        await inner.send(command)
    async with recording(inner) as recorded:
        await caught_up(inner, recorded)
    forgetful = Arrangement(inner.clock, inner.store)
    async with recording(forgetful) as recorded:
        await caught_up(inner, recorded)
    assert await whole(forgetful.records) == await whole(inner.records)


async def test_a_namespace_that_is_declared_is_an_act_too() -> None:
    inner = arranged()
    async with recording(inner) as recorded:
        command = DeclareApiObject(
            key=namespace_key("class-z"),
            uid="uid-z",
            labels={},
            annotations={},
            finalizers=(),
            content={},
            managers=(),
        )
        await inner.mediator.send(command, context("declared"))
        await caught_up(inner, recorded)
    [act] = await acts(inner.records)
    told = (act.resource, act.namespace, act.name, act.uid, act.verb)
    assert told == ("namespaces", "", "class-z", "uid-z", "create")


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint(position=1, origin="another log"),
        Checkpoint(position=1000, origin=""),
    ],
)
async def test_records_of_another_log_or_ahead_of_it_are_made_anew(checkpoint: Checkpoint) -> None:
    inner = arranged()
    await inner.send(create)
    async with recording(inner) as recorded:
        await caught_up(inner, recorded)
    right = await whole(inner.records)
    own = await inner.records.checkpoint()
    assert own is not None
    foreign = Checkpoint(position=checkpoint.position, origin=checkpoint.origin or own.origin)
    await inner.records.clear()
    await inner.records.record([], checkpoint=foreign)
    async with recording(inner) as recorded:
        await caught_up(inner, recorded)
        assert await inner.records.checkpoint() == own
    assert await whole(inner.records) == right


async def test_records_of_a_lost_time_line_are_made_anew() -> None:
    inner = arranged()
    await inner.send(create)
    async with recording(inner) as recorded:
        await caught_up(inner, recorded)
    before = await whole(inner.records)
    store = TroubledEventStore(inner.store)
    store.lost = {1}
    inner.store = store
    inner.records.cleared = 0
    async with recording(inner) as recorded:
        await inner.send(change)
        await caught_up(inner, recorded)
    assert (await acts(inner.records))[0] == before[0][0]
    assert inner.records.cleared == 1


async def test_a_damaged_file_of_records_is_begun_anew(tmp_path: Path) -> None:
    inner = arranged()
    await inner.send(create)
    path = tmp_path / "audit.sqlite"
    path.write_bytes(b"no database at all " * 500)
    records = SqliteAuditRecords(path)
    async with recording(inner, records) as recorded:
        await caught_up(inner, recorded)
        assert len(await acts(records)) == 1
    await records.close()


async def test_a_replica_that_does_not_write_the_records_follows_how_far_they_are() -> None:
    inner = arranged()
    followed = Progress()
    follower = AuditRecorder(inner.store, inner.records, recorded=followed, recent=inner.recent)
    following = asyncio.create_task(follower.follow())
    async with recording(inner):
        await inner.send(create)
        await caught_up(inner, followed)
    following.cancel()
