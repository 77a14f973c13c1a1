"""The contract of the audit's records, for every store of them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from application.ports.audit_records import (
    ActFilter,
    AuditRecords,
    LifeFilter,
    Reading,
    UsageBy,
    UsageQuestion,
)
from application.ports.checkpoints import Checkpoint
from domain.lab_instance.events import AccessGranted, MetadataChanged
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState
from infrastructure.memory.audit_records import MemoryAuditRecords
from infrastructure.mongodb.connection import open_mongodb
from infrastructure.sqlite.audit_records import SqliteAuditRecords
from tests.contracts.audit_log import AuditLog
from tests.contracts.given import GOING, GONE, NOON, READY, STARTED, created

A, B = LabKey("class-a", "a"), LabKey("class-b", "b")
_MINUTE = timedelta(minutes=1)
_OLDEST = Reading(newest_first=False)


@pytest.fixture(params=["memory", "sqlite", "mongodb"])
async def records(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AuditRecords]:
    if request.param == "memory":
        yield MemoryAuditRecords()
        return
    if request.param == "mongodb":
        async with open_mongodb(request.getfixturevalue("mongodb_uri")) as stores:
            yield stores.audit_records
        return
    sqlite = SqliteAuditRecords(tmp_path / "audit.sqlite")
    yield sqlite
    await sqlite.close()


def _relabelled(**labels: str) -> MetadataChanged:
    return MetadataChanged(labels=labels, annotations={}, finalizers=(), at=NOON)


def two_labs() -> AuditLog:
    """At the minutes 1 to 11 after noon: `a` of bob, course py, begins (1), starts (2), is ready
    (3), and of course ml from 5 on, is deleted (8, 9); `b` of ada begins (4), is ready (6)."""
    log = AuditLog()
    log.add(A, created("a", student="bob@example.org", labels={"course": "py"}), STARTED)
    log.add(A, READY, by="controller/provisioning")
    log.add(B, created("b", namespace="class-b", template="terminal"), by="zoe")
    log.add(A, _relabelled(course="ml"))
    log.add(B, READY, by="controller/provisioning")
    log.add(B, AccessGranted(at=NOON), by="zoe")
    log.add(A, GOING, GONE)
    return log


async def recorded(records: AuditRecords, log: AuditLog) -> None:
    checkpoint = Checkpoint(position=log.position, origin="here")
    await records.record(log.traces, checkpoint=checkpoint)


@pytest.fixture
async def stocked(records: AuditRecords) -> AuditRecords:
    await recorded(records, two_labs())
    return records


async def _positions(
    records: AuditRecords, reading: Reading = _OLDEST, **wanted: Any
) -> list[int]:
    found = await records.acts(ActFilter(**wanted), reading)
    return [act.position for act in found]


async def test_new_records_are_of_no_log_and_hold_nothing(records: AuditRecords) -> None:
    assert await records.checkpoint() is None
    assert await records.acts(ActFilter(), Reading()) == []
    assert await records.lives(LifeFilter(), Reading()) == []


async def test_the_checkpoint_is_that_of_the_last_batch(stocked: AuditRecords) -> None:
    assert await stocked.checkpoint() == Checkpoint(position=9, origin="here")


async def test_an_act_comes_back_as_it_was(stocked: AuditRecords) -> None:
    [act] = await stocked.acts(ActFilter(verbs=frozenset({"access"})), Reading())
    assert act == two_labs().traces[6].act
    assert (act.actor, act.verb, act.resource, act.name) == ("zoe", "access", "labinstances", "b")


async def test_acts_are_found_by_each_of_their_sides(stocked: AuditRecords) -> None:
    assert await _positions(stocked, actor="zoe") == [4, 7]
    assert await _positions(stocked, verbs=frozenset({"create", "delete"})) == [1, 4, 8]
    became_ready = frozenset({"lab-instance.became-ready.v2"})
    assert await _positions(stocked, types=became_ready) == [3, 6]
    assert await _positions(stocked, namespace="class-b") == [4, 6, 7]
    assert await _positions(stocked, namespace="class-a", name="a", actor="ann") == [1, 2, 5, 8, 9]
    assert await _positions(stocked, uid="uid-of-class-b-b") == [4, 6, 7]
    assert await _positions(stocked, resource="namespaces") == []
    assert await _positions(stocked, actor="nobody") == []
    assert await _positions(stocked, on_behalf_of="zoe") == []


async def test_acts_are_found_by_their_own_time(stocked: AuditRecords) -> None:
    since, until = NOON + 3 * _MINUTE, NOON + 6 * _MINUTE
    assert await _positions(stocked, since=since, until=until) == [3, 4, 5]
    assert await _positions(stocked, since=NOON + timedelta(days=1)) == []
    assert await _positions(stocked, until=NOON) == []


async def test_acts_are_read_in_either_order_and_from_any_position(stocked: AuditRecords) -> None:
    assert await _positions(stocked, Reading(limit=3)) == [9, 8, 7]
    assert await _positions(stocked, Reading(before=7, limit=2)) == [6, 5]
    assert await _positions(stocked, Reading(after=7, newest_first=False)) == [8, 9]


async def test_lives_that_are_over_are_known(stocked: AuditRecords) -> None:
    [a, b] = await stocked.lives(LifeFilter(), _OLDEST)
    assert (a.name, a.created_position, a.creator, a.attribution.labels) == (
        "a",
        1,
        "ann",
        {"course": "ml"},
    )
    assert (a.gone_at, b.gone_at) == (NOON + 9 * _MINUTE, None)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (LifeFilter(student="bob@example.org"), ["a"]),
        (LifeFilter(template="terminal"), ["b"]),
        (LifeFilter(namespace="class-b", name="b"), ["b"]),
        (LifeFilter(uid="uid-of-class-a-a"), ["a"]),
        (LifeFilter(alive=True), ["b"]),
        (LifeFilter(alive=False), ["a"]),
        (LifeFilter(since=NOON + 9 * _MINUTE), ["b"]),
        (LifeFilter(since=NOON + 8 * _MINUTE, until=NOON + 20 * _MINUTE), ["a", "b"]),
        (LifeFilter(until=NOON + 4 * _MINUTE), ["a"]),
        (LifeFilter(name="never"), []),
    ],
)
async def test_lives_are_found_by_each_of_their_sides(
    stocked: AuditRecords, wanted: LifeFilter, names: list[str]
) -> None:
    assert [life.name for life in await stocked.lives(wanted, _OLDEST)] == names


async def _hours(records: AuditRecords, by: UsageBy, *, upto: int = 11) -> dict[str | None, int]:
    question = UsageQuestion(by=by, label="course", since=NOON, until=NOON + upto * _MINUTE)
    return {each.of: each.ready // _MINUTE for each in await records.usage(question)}


async def test_usage_counts_the_time_in_which_labs_were_ready(stocked: AuditRecords) -> None:
    assert await _hours(stocked, UsageBy.STUDENT) == {"bob@example.org": 5, "ada@example.org": 5}
    assert await _hours(stocked, UsageBy.TEMPLATE) == {"python-basics": 5, "terminal": 5}
    assert await _hours(stocked, UsageBy.NAMESPACE) == {"class-a": 5, "class-b": 5}
    assert await _hours(stocked, UsageBy.LAB) == {"class-a/a": 5, "class-b/b": 5}


async def test_usage_goes_by_the_label_of_each_minute(stocked: AuditRecords) -> None:
    assert await _hours(stocked, UsageBy.LABEL) == {"py": 2, "ml": 3, None: 5}


async def test_usage_ends_and_begins_with_the_time_asked_for(stocked: AuditRecords) -> None:
    assert await _hours(stocked, UsageBy.LABEL, upto=7) == {"py": 2, "ml": 2, None: 1}
    question = UsageQuestion(
        by=UsageBy.STUDENT,
        label="",
        since=NOON + 7 * _MINUTE,
        until=NOON + 100 * _MINUTE,
        namespace="class-a",
    )
    [only] = await stocked.usage(question)
    assert (only.of, only.ready, only.labs) == ("bob@example.org", _MINUTE, 1)


async def test_counts_follow_the_labs_through_their_states(stocked: AuditRecords) -> None:
    start = NOON.replace(microsecond=0)
    counts = await stocked.counts(start, _MINUTE, 12)
    ready, gone = LabState.READY, LabState.DELETED
    assert [dict(each.states).get(ready, 0) for each in counts] == [0] * 4 + [1] * 3 + [2] * 2 + [
        1
    ] * 3
    assert [dict(each.states).get(gone, 0) for each in counts] == [0] * 10 + [1, 1]
    assert counts[1].states == {}


async def test_counts_begin_with_what_was_before(stocked: AuditRecords) -> None:
    later = NOON.replace(microsecond=0, minute=0) + timedelta(hours=2)
    [only] = await stocked.counts(later, timedelta(hours=1), 1)
    assert only.states == {LabState.READY: 1, LabState.DELETED: 1}
    within = NOON.replace(microsecond=0) + 8 * _MINUTE
    [only] = await stocked.counts(within, _MINUTE, 1)
    assert only.states == {LabState.READY: 2}


async def test_the_journal_tells_each_transition_once(stocked: AuditRecords) -> None:
    found = await stocked.journal(after=1, upto=8, limit=100)
    assert [(one.position, one.name, one.former, one.state) for one in found] == [
        (2, "a", LabState.PENDING, LabState.PROVISIONING),
        (3, "a", LabState.PROVISIONING, LabState.READY),
        (4, "b", None, LabState.PENDING),
        (6, "b", LabState.PENDING, LabState.READY),
        (8, "a", LabState.READY, LabState.DELETING),
    ]
    assert [one.position for one in await stocked.journal(after=0, upto=9, limit=2)] == [1, 2]


async def test_a_batch_written_again_changes_nothing(stocked: AuditRecords) -> None:
    before = (await stocked.acts(ActFilter(), Reading()), await _hours(stocked, UsageBy.LABEL))
    await recorded(stocked, two_labs())
    after = (await stocked.acts(ActFilter(), Reading()), await _hours(stocked, UsageBy.LABEL))
    assert after == before
    counts = await stocked.counts(NOON.replace(microsecond=0) + 20 * _MINUTE, _MINUTE, 1)
    assert counts[0].states == {LabState.READY: 1, LabState.DELETED: 1}


async def test_a_used_name_begins_another_life(stocked: AuditRecords) -> None:
    log = two_labs()
    log.add(A, created("a", uid="another"), READY)
    await recorded(stocked, log)
    lives = await stocked.lives(LifeFilter(name="a"), _OLDEST)
    assert [(life.uid, life.gone_at is None) for life in lives] == [
        ("uid-of-class-a-a", False),
        ("another", True),
    ]
    assert (await _hours(stocked, UsageBy.LAB, upto=12))["class-a/a"] == 6


async def test_cleared_records_begin_anew(stocked: AuditRecords) -> None:
    await stocked.clear()
    assert await stocked.checkpoint() is None
    assert await stocked.acts(ActFilter(), Reading()) == []
    await recorded(stocked, two_labs())
    assert len(await stocked.acts(ActFilter(), Reading())) == 9


async def test_a_lab_is_kept_once_in_a_while_as_it_was(records: AuditRecords) -> None:
    log = AuditLog()
    log.add(A, created("a"), *[_relabelled(turn=str(turn)) for turn in range(250)])
    await recorded(records, log)
    kept = await records.resting_at(A, version=199)
    assert kept is not None
    assert (kept.version, kept.view.resource_version) == (100, 100)
    assert kept.view.lab.labels == {"turn": "98"}
    assert await records.resting_at(A, version=99) is None
    assert await records.resting_at(B, version=250) is None


async def test_a_late_batch_neither_moves_the_checkpoint_back_nor_writes(
    stocked: AuditRecords,
) -> None:
    earlier = Checkpoint(position=4, origin="here")
    await stocked.record(two_labs().traces[:4], checkpoint=earlier)
    assert await stocked.checkpoint() == Checkpoint(position=9, origin="here")
    assert len(await stocked.acts(ActFilter(), Reading())) == 9
