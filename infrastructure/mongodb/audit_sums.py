"""Sums over the audit's records, as pipelines and what they find."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

from application.ports.audit_records import Counts, Usage, UsageBy, UsageQuestion
from domain.lab_instance.status import LabState
from infrastructure.codec.instants import from_microseconds, to_microseconds
from infrastructure.mongodb.guarded_writes import Stored

Pipeline = Sequence[Mapping[str, Any]]


def summing(question: UsageQuestion) -> Pipeline:
    """Finds the sums of AuditRecords.usage."""
    since, until = to_microseconds(question.since), to_microseconds(question.until)
    overlapping: Stored = {
        "since": {"$lt": until},
        "$or": [{"until": None}, {"until": {"$gt": since}}],
    }
    if question.namespace is not None:
        overlapping["namespace"] = question.namespace
    end = {"$min": [{"$ifNull": ["$until", until]}, until]}
    ready = {"$subtract": [end, {"$max": ["$since", since]}]}
    labs: Stored = {"whose": _of(question), "uid": "$uid"}
    return [
        {"$match": overlapping},
        {"$group": {"_id": labs, "ready": {"$sum": ready}}},
        {"$group": {"_id": "$_id.whose", "ready": {"$sum": "$ready"}, "labs": {"$sum": 1}}},
        {"$sort": {"ready": -1, "_id": 1}},
    ]


def summed(found: Mapping[str, Any]) -> Usage:
    """One of the sums."""
    ready = timedelta(microseconds=found["ready"])
    return Usage(of=found["_id"], ready=ready, labs=found["labs"])


def counting(since: datetime, step: timedelta, number: int) -> Pipeline:
    """Finds how many labs came into and left each state in each step, and before the first."""
    start, width = to_microseconds(since), step // timedelta(microseconds=1)
    before = start // width - 1
    whole = {"$subtract": ["$at", {"$mod": ["$at", width]}]}
    step_of = {"$max": [{"$divide": [whole, width]}, before]}
    return [
        {"$match": {"at": {"$lt": start + width * (number - 1)}}},
        {
            "$group": {
                "_id": {"step": step_of, "state": "$state", "former": "$former"},
                "number": {"$sum": 1},
            }
        },
    ]


def counted(
    found: Sequence[Mapping[str, Any]], since: datetime, step: timedelta, number: int
) -> Sequence[Counts]:
    """See AuditRecords.counts."""
    start, width = to_microseconds(since), step // timedelta(microseconds=1)
    changes: dict[int, list[tuple[str | None, int]]] = {}
    for each in found:
        change = changes.setdefault(int(each["_id"]["step"]), [])
        change.append((each["_id"]["state"], each["number"]))
        change.append((each["_id"].get("former"), -each["number"]))
    running: dict[str | None, int] = {}
    counts: list[Counts] = []
    for place in range(number):
        for state, net in changes.get(start // width + place - 1, ()):
            running[state] = running.get(state, 0) + net
        states = {LabState(name): count for name, count in running.items() if name and count}
        counts.append(Counts(at=from_microseconds(start + place * width), states=states))
    return counts


def _of(question: UsageQuestion) -> object:
    match question.by:
        case UsageBy.STUDENT | UsageBy.TEMPLATE | UsageBy.NAMESPACE:
            return f"${question.by.value}"
        case UsageBy.LAB:
            return {"$concat": ["$namespace", "/", "$name"]}
        case UsageBy.LABEL:
            wanted = {"$eq": ["$$each.k", {"$literal": question.label}]}
            chosen = {"$filter": {"input": "$labels", "as": "each", "cond": wanted}}
            return {"$ifNull": [{"$first": {"$map": {"input": chosen, "in": "$$this.v"}}}, None]}
        case _:
            assert_never(question.by)
