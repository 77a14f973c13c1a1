"""Sums over the audit's records: usage, counts by state, and the journal that both come from."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from application.ports.audit_records import (
    Counts,
    Transition,
    Usage,
    UsageBy,
    UsageQuestion,
)
from domain.lab_instance.status import LabState
from infrastructure.codec.instants import from_microseconds, to_microseconds
from infrastructure.sqlite.audit_writing import HOUR, NO_STATE, STATES

_USAGE = """
SELECT {of} AS whose, sum(min(coalesce(until, :until), :until) - max(since, :since)),
    count(DISTINCT life)
FROM uses {joined}
WHERE since < :until AND (until IS NULL OR until > :since)
    AND (:namespace IS NULL OR uses.namespace = (SELECT id FROM words WHERE text = :namespace))
GROUP BY whose ORDER BY 2 DESC, 1
"""
_BY_WORD = "(SELECT text FROM words WHERE id = uses.{})"
_BY_LIFE = "(SELECT text FROM words WHERE id = lives.{})"
_NET_OF_HOURS = "SELECT {bucket}, state, sum(net) FROM hours WHERE hour < ? GROUP BY 1, 2"
_NET_OF_TRANSITIONS = """
SELECT at / :step, state, count(*) FROM transitions WHERE at >= :since AND at < :until
GROUP BY 1, 2
UNION ALL
SELECT at / :step, former, -count(*) FROM transitions WHERE at >= :since AND at < :until
GROUP BY 1, 2
"""
_JOURNAL = """
SELECT transitions.position, at, former, state,
    (SELECT text FROM words WHERE id = uid),
    (SELECT text FROM words WHERE id = namespace),
    (SELECT text FROM words WHERE id = name)
FROM transitions JOIN lives ON created_position = life
WHERE transitions.position > ? AND transitions.position <= ?
ORDER BY transitions.position LIMIT ?
"""


def usage_of(connection: sqlite3.Connection, question: UsageQuestion) -> Sequence[Usage]:
    """See AuditRecords.usage."""
    of, joined = _of(question.by)
    values = {
        "since": to_microseconds(question.since),
        "until": to_microseconds(question.until),
        "namespace": question.namespace,
        "label": f'$."{question.label}"',
    }
    rows = connection.execute(_USAGE.format(of=of, joined=joined), values)
    return [
        Usage(of=whose, ready=timedelta(microseconds=total), labs=labs)
        for whose, total, labs in rows
    ]


def counts_at(
    connection: sqlite3.Connection, since: datetime, step: timedelta, number: int
) -> Sequence[Counts]:
    """See AuditRecords.counts."""
    start, width = to_microseconds(since), step // timedelta(microseconds=1)
    end = start + width * (number - 1)
    from_hour = start // HOUR
    running: dict[int, int] = {}
    for _, state, net in connection.execute(_NET_OF_HOURS.format(bucket="0"), (from_hour,)):
        running[state] = net
    values = {"step": width, "since": from_hour * HOUR, "until": end}
    changes: dict[int, list[tuple[int, int]]] = {}
    for bucket, state, net in connection.execute(_NET_OF_TRANSITIONS, values):
        changes.setdefault(max(bucket, start // width - 1), []).append((state, net))
    found: list[Counts] = []
    for place in range(number):
        for state, net in changes.get(start // width + place - 1, ()):
            running[state] = running.get(state, 0) + net
        at = from_microseconds(start + place * width)
        found.append(Counts(at=at, states=_named(running)))
    return found


def transitions_between(
    connection: sqlite3.Connection, after: int, upto: int, limit: int
) -> Sequence[Transition]:
    """See AuditRecords.journal."""
    return [
        Transition(
            position=position,
            at=from_microseconds(at),
            uid=uid,
            namespace=namespace,
            name=name,
            former=None if former == NO_STATE else STATES[former],
            state=STATES[state],
        )
        for position, at, former, state, uid, namespace, name in connection.execute(
            _JOURNAL, (after, upto, limit)
        )
    ]


def _of(by: UsageBy) -> tuple[str, str]:
    match by:
        case UsageBy.STUDENT | UsageBy.TEMPLATE | UsageBy.NAMESPACE:
            return _BY_WORD.format(by.value), ""
        case UsageBy.LAB:
            place = " || '/' || ".join(_BY_LIFE.format(part) for part in ("namespace", "name"))
            return place, "JOIN lives ON created_position = life"
        case UsageBy.LABEL:
            return "json_extract((SELECT text FROM words WHERE id = uses.labels), :label)", ""
        case _:
            assert_never(by)


def _named(running: Mapping[int, int]) -> Mapping[LabState, int]:
    return {STATES[state]: count for state, count in running.items() if state >= 0 and count}
