"""Answers from the audit's records: only when they hold all that the log holds."""

import pytest

from application.event_log.progress import Progress
from application.mediator.audit_questions import GetActs
from application.ports.audit_records import ActFilter, Reading
from application.ports.read_model import ReadModelUnavailable
from application.queries.audit import AuditQueries
from infrastructure.memory.audit_records import MemoryAuditRecords
from tests.application.arrangement import arranged
from tests.domain.test_user_commands import create

_ACTS = GetActs(wanted=ActFilter(), reading=Reading())


async def test_records_that_are_still_being_made_are_an_outage_that_says_how_far_they_are() -> (
    None
):
    before = arranged()
    await before.send(create)
    recorded = Progress()
    queries = AuditQueries(before.store, MemoryAuditRecords(), recorded=recorded, patience=0.01)
    with pytest.raises(ReadModelUnavailable, match="have come to position 0 of 1"):
        await queries.acts(_ACTS)


async def test_records_that_cannot_be_written_are_an_outage_for_that_reason() -> None:
    before = arranged()
    await before.send(create)
    recorded = Progress()
    recorded.hindrance = "the disk is full"
    queries = AuditQueries(before.store, MemoryAuditRecords(), recorded=recorded, patience=0.01)
    with pytest.raises(ReadModelUnavailable, match="the disk is full"):
        await queries.acts(_ACTS)


async def test_answers_name_the_log_and_how_far_the_records_are() -> None:
    inner = arranged()
    async with inner.projecting():
        await inner.send(create)
        answer = await inner.mediator.ask(_ACTS)
        [first] = [event async for event in inner.store.read_all(after=0)]
    assert (answer.log, answer.position) == (str(first.id), 1)
    assert [act.id for act in answer.found] == [str(first.id)]
