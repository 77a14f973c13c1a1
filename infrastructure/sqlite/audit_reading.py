"""Reading acts and lives from the audit's records: bounded, in the order of positions."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from application.ports.audit_records import (
    Act,
    ActFilter,
    Attribution,
    Life,
    LifeFilter,
    Reading,
    Resting,
)
from application.ports.views import LabInstanceView
from domain.lab_instance.key import LabKey
from infrastructure.codec.instants import from_microseconds, to_microseconds
from infrastructure.codec.view_codec import LAB_DOCUMENT
from infrastructure.sqlite.audit_writing import HOUR

_WORD = "(SELECT id FROM words WHERE text = ?)"
_ACTS = """
SELECT acts.position, acts.version, acts.at, acts.id, acts.hash,
    (SELECT text FROM words WHERE id = acts.type),
    coalesce(
        (SELECT text FROM words JOIN verbs ON words.id = verb WHERE verbs.type = acts.type), ''
    ),
    (SELECT text FROM words WHERE id = acts.resource),
    (SELECT text FROM words WHERE id = acts.namespace),
    (SELECT text FROM words WHERE id = acts.name),
    (SELECT text FROM words WHERE id = acts.uid),
    (SELECT text FROM words WHERE id = acts.actor),
    (SELECT text FROM words WHERE id = acts.on_behalf_of)
FROM acts
"""
_LIVES = """
SELECT created_position, created_at, gone_at,
    (SELECT text FROM words WHERE id = uid),
    (SELECT text FROM words WHERE id = namespace),
    (SELECT text FROM words WHERE id = name),
    (SELECT text FROM words WHERE id = creator),
    (SELECT text FROM words WHERE id = student),
    (SELECT text FROM words WHERE id = template),
    (SELECT text FROM words WHERE id = labels)
FROM lives
"""
_NAME_OF_UID = """acts.name IN (
    SELECT name FROM lives WHERE uid = (SELECT id FROM words WHERE text = ?)
)"""
_RESTING = """
SELECT version, resource_version, document FROM resting
WHERE namespace = ? AND name = ? AND version <= ? ORDER BY version DESC LIMIT 1
"""
_TYPES_OF_VERBS = (
    "acts.type IN (SELECT type FROM verbs JOIN words ON words.id = verb WHERE text IN ({}))"
)
_FIRST_OF_HOURS = "acts.position >= coalesce((SELECT min(first) FROM spans WHERE hour >= ?), 0)"
_LAST_OF_HOURS = "acts.position <= coalesce((SELECT max(last) FROM spans WHERE hour <= ?), 0)"


@dataclass(slots=True)
class _Where:
    """Conditions that all hold, with what stands in them."""

    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, condition: str, *values: object) -> None:
        self.conditions.append(condition)
        self.values.extend(values)

    def equal(self, column: str, value: str | None, wanted: str = "?") -> None:
        if value is not None:
            self.add(f"{column} = {wanted}", value)

    def among(self, condition: str, wanted: Iterable[str]) -> None:
        if values := sorted(wanted):
            self.add(condition.format(", ".join("?" * len(values))), *values)

    def finished(self, query: str, column: str, reading: Reading) -> tuple[str, list[object]]:
        self.add(f"{column} > ?", reading.after)
        if reading.before is not None:
            self.add(f"{column} < ?", reading.before)
        order = "DESC" if reading.newest_first else "ASC"
        where = " AND ".join(self.conditions)
        limited = f"{query} WHERE {where} ORDER BY {column} {order} LIMIT ?"
        return limited, [*self.values, reading.limit]


def acts_that_match(
    connection: sqlite3.Connection, wanted: ActFilter, reading: Reading
) -> Sequence[Act]:
    """See AuditRecords.acts."""
    where = _Where()
    where.equal("acts.actor", wanted.actor, _WORD)
    where.equal("acts.on_behalf_of", wanted.on_behalf_of, _WORD)
    where.equal("acts.resource", wanted.resource, _WORD)
    where.equal("acts.namespace", wanted.namespace, _WORD)
    where.equal("acts.name", wanted.name, _WORD)
    where.equal("acts.uid", wanted.uid, _WORD)
    if wanted.uid is not None and wanted.name is None:  # names have an index, uids have none
        where.add(_NAME_OF_UID, wanted.uid)
    where.among("acts.type IN (SELECT id FROM words WHERE text IN ({}))", wanted.types)
    where.among(_TYPES_OF_VERBS, wanted.verbs)
    _between(where, wanted.since, wanted.until)
    query, values = where.finished(_ACTS, "acts.position", reading)
    return [_act(row) for row in connection.execute(query, values)]


def lives_that_match(
    connection: sqlite3.Connection, wanted: LifeFilter, reading: Reading
) -> Sequence[Life]:
    """See AuditRecords.lives."""
    where = _Where()
    for column in ("namespace", "name", "uid", "student", "template"):
        where.equal(column, getattr(wanted, column), _WORD)
    if wanted.alive is not None:
        where.add("gone_at IS NULL" if wanted.alive else "gone_at IS NOT NULL")
    if wanted.since is not None:
        where.add("(gone_at IS NULL OR gone_at > ?)", to_microseconds(wanted.since))
    if wanted.until is not None:
        where.add("created_at < ?", to_microseconds(wanted.until))
    query, values = where.finished(_LIVES, "created_position", reading)
    return [_life(row) for row in connection.execute(query, values)]


def resting_before(connection: sqlite3.Connection, key: LabKey, version: int) -> Resting | None:
    """See AuditRecords.resting_at. One that cannot be read is none."""
    row = connection.execute(_RESTING, (key.namespace, key.name, version)).fetchone()
    if row is None:
        return None
    try:
        lab = LAB_DOCUMENT.decode(row[2])
    except msgspec.MsgspecError:
        return None
    return Resting(version=row[0], view=LabInstanceView(lab=lab, resource_version=row[1]))


def _between(where: _Where, since: datetime | None, until: datetime | None) -> None:
    """Times need no index: the hours know between which positions they are."""
    if since is not None:
        start = to_microseconds(since)
        where.add("acts.at >= ?", start)
        where.add(_FIRST_OF_HOURS, start // HOUR)
    if until is not None:
        end = to_microseconds(until)
        where.add("acts.at < ?", end)
        where.add(_LAST_OF_HOURS, end // HOUR)


def _act(row: Sequence[Any]) -> Act:
    position, version, at, id_, hash_, *texts = row
    type_, verb, resource, namespace, name, uid, actor, behalf = texts
    return Act(
        position=position,
        version=version,
        at=from_microseconds(at),
        id=str(UUID(bytes=id_)),
        hash=hash_.hex(),
        type=type_,
        verb=verb,
        resource=resource,
        namespace=namespace,
        name=name,
        uid=uid,
        actor=actor,
        on_behalf_of=behalf,
    )


def _life(row: Sequence[Any]) -> Life:
    position, at, gone_at, *texts = row
    uid, namespace, name, creator, student, template, labels = texts
    return Life(
        uid=uid,
        namespace=namespace,
        name=name,
        created_position=position,
        created_at=from_microseconds(at),
        creator=creator,
        attribution=Attribution(student=student, template=template, labels=json.loads(labels)),
        gone_at=None if gone_at is None else from_microseconds(gone_at),
    )
