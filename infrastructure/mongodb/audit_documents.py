"""The audit's records as documents: one for each act, life, transition and use, keyed by position
or uid, so that writing one again changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from pymongo import InsertOne, UpdateOne

from application.ports.audit_records import (
    Act,
    Attribution,
    Life,
    Resting,
    Trace,
    Transition,
)
from application.ports.views import LabInstanceView
from domain.lab_instance.status import LabState
from infrastructure.codec.instants import from_microseconds, to_microseconds
from infrastructure.codec.view_codec import LAB_DOCUMENT
from infrastructure.mongodb.guarded_writes import Stored
from infrastructure.mongodb.view_documents import place_of

Write = InsertOne[Stored] | UpdateOne


def act_write(act: Act) -> Write:
    """Puts the act there."""
    return _put(
        act.position,
        {
            "version": act.version,
            "at": to_microseconds(act.at),
            "event": UUID(act.id).bytes,
            "hash": bytes.fromhex(act.hash),
            "type": act.type,
            "verb": act.verb,
            "resource": act.resource,
            "namespace": act.namespace,
            "name": act.name,
            "uid": act.uid,
            "actor": act.actor,
            "behalf": act.on_behalf_of,
        },
    )


def act_in(stored: Mapping[str, Any]) -> Act:
    """The act of such a document."""
    return Act(
        position=stored["_id"],
        version=stored["version"],
        id=str(UUID(bytes=bytes(stored["event"]))),
        at=from_microseconds(stored["at"]),
        type=stored["type"],
        verb=stored["verb"],
        resource=stored["resource"],
        namespace=stored["namespace"],
        name=stored["name"],
        uid=stored["uid"],
        actor=stored["actor"],
        on_behalf_of=stored["behalf"],
        hash=bytes(stored["hash"]).hex(),
    )


def life_writes(trace: Trace) -> Sequence[Write]:
    """What becomes of a life."""
    writes: list[Write] = []
    if begins := trace.begins:
        document = {
            "namespace": begins.namespace,
            "name": begins.name,
            "position": begins.created_position,
            "createdAt": to_microseconds(begins.created_at),
            "creator": begins.creator,
            "goneAt": None,
            **attribution_fields(begins.attribution),
        }
        writes.append(_put(begins.uid, document))
    if changes := trace.changes:
        gone_at = None if changes.gone_at is None else to_microseconds(changes.gone_at)
        now = {**attribution_fields(changes.attribution), "goneAt": gone_at}
        writes.append(UpdateOne({"_id": changes.uid}, {"$set": now}))
    return writes


def life_in(stored: Mapping[str, Any]) -> Life:
    """The life of such a document."""
    gone_at = stored["goneAt"]
    return Life(
        uid=stored["_id"],
        namespace=stored["namespace"],
        name=stored["name"],
        created_position=stored["position"],
        created_at=from_microseconds(stored["createdAt"]),
        creator=stored["creator"],
        attribution=Attribution(
            student=stored["student"],
            template=stored["template"],
            labels={each["k"]: each["v"] for each in stored["labels"]},
        ),
        gone_at=None if gone_at is None else from_microseconds(gone_at),
    )


def use_writes(trace: Trace) -> Sequence[Write]:
    """Where a lab's being ready ends and begins. What was closed later by the same events
    written before is not closed again: a use is open until its own end only."""
    act, opens = trace.act, trace.opens
    at = to_microseconds(act.at)
    writes: list[Write] = []
    if trace.closes:
        open_ones = {"uid": act.uid, "until": None, "_id": {"$lt": act.position}}
        writes.append(UpdateOne(open_ones, {"$set": {"until": at}}))
    if opens is not None:
        place = {"uid": act.uid, "namespace": act.namespace, "name": act.name}
        document = {**place, **attribution_fields(opens), "since": at, "until": None}
        writes.append(UpdateOne({"_id": act.position}, {"$setOnInsert": document}, upsert=True))
    return writes


def transition_write(transition: Transition) -> Write:
    """Puts the transition there."""
    return _put(
        transition.position,
        {
            "at": to_microseconds(transition.at),
            "uid": transition.uid,
            "namespace": transition.namespace,
            "name": transition.name,
            "former": transition.former.value if transition.former else None,
            "state": transition.state.value,
        },
    )


def transition_in(stored: Mapping[str, Any]) -> Transition:
    """The transition of such a document."""
    return Transition(
        position=stored["_id"],
        at=from_microseconds(stored["at"]),
        uid=stored["uid"],
        namespace=stored["namespace"],
        name=stored["name"],
        former=LabState(stored["former"]) if stored["former"] else None,
        state=LabState(stored["state"]),
    )


def resting_write(resting: Resting) -> Write:
    """Keeps the lab as it was."""
    view = resting.view
    document = {
        "lab": place_of(view.lab.key),
        "version": resting.version,
        "position": view.resource_version,
        "document": LAB_DOCUMENT.encode(view.lab).decode(),
    }
    return _put(f"{document['lab']} {resting.version}", document)


def resting_in(stored: Mapping[str, Any]) -> Resting | None:
    """The lab of such a document. One that cannot be read is none."""
    try:
        lab = LAB_DOCUMENT.decode(stored["document"])
    except msgspec.MsgspecError:
        return None
    view = LabInstanceView(lab=lab, resource_version=stored["position"])
    return Resting(version=stored["version"], view=view)


def attribution_fields(attribution: Attribution) -> Stored:
    """Labels are pairs: their keys may hold what names of fields may not."""
    return {
        "student": attribution.student,
        "template": attribution.template,
        "labels": [{"k": key, "v": value} for key, value in attribution.labels.items()],
    }


def between(since: datetime | None, until: datetime | None) -> Stored:
    """The condition on a time: `since` is included, `until` is not."""
    bounds: Stored = {}
    if since is not None:
        bounds["$gte"] = to_microseconds(since)
    if until is not None:
        bounds["$lt"] = to_microseconds(until)
    return bounds


def _put(place: object, document: Stored) -> UpdateOne:
    return UpdateOne({"_id": place}, {"$setOnInsert": document}, upsert=True)
