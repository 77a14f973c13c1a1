"""The audit's records on MongoDB: collections beside the views. Each write may be repeated, and
the checkpoint moves last, so that a crash in between costs a repetition only."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from application.ports.audit_records import (
    Act,
    ActFilter,
    Counts,
    Life,
    LifeFilter,
    Reading,
    Resting,
    Trace,
    Transition,
    Usage,
    UsageQuestion,
)
from application.ports.checkpoints import Checkpoint
from application.ports.read_model import ReadModelUnavailable
from domain.lab_instance.key import LabKey
from infrastructure.codec.instants import to_microseconds
from infrastructure.mongodb.audit_documents import (
    Write,
    act_in,
    act_write,
    between,
    life_in,
    life_writes,
    resting_in,
    resting_write,
    transition_in,
    transition_write,
    use_writes,
)
from infrastructure.mongodb.audit_sums import counted, counting, summed, summing
from infrastructure.mongodb.calls import bounded
from infrastructure.mongodb.guarded_writes import Stored, is_position
from infrastructure.mongodb.view_documents import place_of

_INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "audit-acts": [
        IndexModel([(field, ASCENDING), ("_id", ASCENDING)], name=field)
        for field in ("actor", "type", "verb", "namespace", "name", "uid", "at")
    ],
    "audit-lives": [
        IndexModel([(field, ASCENDING), ("position", ASCENDING)], name=field)
        for field in ("namespace", "student", "goneAt")
    ]
    + [IndexModel([("position", ASCENDING)], name="position")],
    "audit-transitions": [
        IndexModel([("at", ASCENDING), ("state", ASCENDING), ("former", ASCENDING)], name="at")
    ],
    "audit-resting": [IndexModel([("lab", ASCENDING), ("version", ASCENDING)], name="lab")],
    "audit-uses": [
        IndexModel([("uid", ASCENDING), ("until", ASCENDING)], name="uid"),
        IndexModel([("until", ASCENDING), ("since", ASCENDING)], name="until"),
    ],
}
_STATE = {"_id": "audit"}


class MongodbAuditRecords:
    """The AuditRecords contract over an open connection, which somebody else closes."""

    def __init__(self, database: AsyncDatabase[Stored], *, patience: float) -> None:
        self._database = database
        self._states = database["audit-state"]
        self._patience = patience
        self._prepared = False

    async def checkpoint(self) -> Checkpoint | None:
        with self._bounded():
            stored = await self._states.find_one(_STATE)
        if stored is None or not is_position(stored.get("position")):
            return None
        return Checkpoint(position=stored["position"], origin=str(stored.get("origin", "")))

    async def record(self, traces: Sequence[Trace], *, checkpoint: Checkpoint) -> None:
        before = await self.checkpoint()
        if before is not None and before.origin == checkpoint.origin:
            if before.position >= checkpoint.position:
                return
            traces = [trace for trace in traces if trace.act.position > before.position]
        with self._bounded():
            await self._prepare()
            await self._write("audit-acts", [act_write(trace.act) for trace in traces])
            await self._write(
                "audit-lives", [one for trace in traces for one in life_writes(trace)]
            )
            await self._write("audit-uses", [one for trace in traces for one in use_writes(trace)])
            resting = [resting_write(one.resting) for one in traces if one.resting]
            await self._write("audit-resting", resting)
            transitions = [one.transition for one in traces if one.transition]
            await self._write("audit-transitions", [transition_write(one) for one in transitions])
            now = {"position": checkpoint.position, "origin": checkpoint.origin}
            await self._states.update_one(_STATE, {"$set": now}, upsert=True)

    async def clear(self) -> None:
        with self._bounded():
            await self._states.delete_many({})
            for name in _INDEXES:
                await self._database[name].drop()
        self._prepared = False

    async def acts(self, wanted: ActFilter, reading: Reading) -> Sequence[Act]:
        conditions = _equal(
            actor=wanted.actor,
            behalf=wanted.on_behalf_of,
            resource=wanted.resource,
            namespace=wanted.namespace,
            name=wanted.name,
            uid=wanted.uid,
        )
        if wanted.verbs:
            conditions["verb"] = {"$in": sorted(wanted.verbs)}
        if wanted.types:
            conditions["type"] = {"$in": sorted(wanted.types)}
        if bounds := between(wanted.since, wanted.until):
            conditions["at"] = bounds
        found = await self._read("audit-acts", conditions, "_id", reading)
        return [act_in(each) for each in found]

    async def lives(self, wanted: LifeFilter, reading: Reading) -> Sequence[Life]:
        conditions = _equal(
            _id=wanted.uid,
            namespace=wanted.namespace,
            name=wanted.name,
            student=wanted.student,
            template=wanted.template,
        )
        gone: list[Stored] = []
        if wanted.alive is not None:
            gone.append({"goneAt": None if wanted.alive else {"$ne": None}})
        if wanted.since is not None:
            since = to_microseconds(wanted.since)
            gone.append({"$or": [{"goneAt": None}, {"goneAt": {"$gt": since}}]})
        if gone:
            conditions["$and"] = gone
        if wanted.until is not None:
            conditions["createdAt"] = between(None, wanted.until)
        found = await self._read("audit-lives", conditions, "position", reading)
        return [life_in(each) for each in found]

    async def usage(self, question: UsageQuestion) -> Sequence[Usage]:
        with self._bounded():
            found = await self._database["audit-uses"].aggregate(summing(question))
            return [summed(each) async for each in found]

    async def counts(self, since: datetime, step: timedelta, number: int) -> Sequence[Counts]:
        with self._bounded():
            pipeline = counting(since, step, number)
            found = await self._database["audit-transitions"].aggregate(pipeline)
            return counted([each async for each in found], since, step, number)

    async def resting_at(self, key: LabKey, *, version: int) -> Resting | None:
        kept = {"lab": place_of(key), "version": {"$lte": version}}
        with self._bounded():
            found = self._database["audit-resting"].find(kept).sort("version", DESCENDING)
            nearest = await found.limit(1).to_list()
        return resting_in(nearest[0]) if nearest else None

    async def journal(self, *, after: int, upto: int, limit: int) -> Sequence[Transition]:
        reading = Reading(after=after, before=upto + 1, newest_first=False, limit=limit)
        found = await self._read("audit-transitions", {}, "_id", reading)
        return [transition_in(each) for each in found]

    async def _read(
        self, collection: str, conditions: Stored, place: str, reading: Reading
    ) -> Sequence[Mapping[str, Any]]:
        bounds: Stored = {"$gt": reading.after}
        if reading.before is not None:
            bounds["$lt"] = reading.before
        order = DESCENDING if reading.newest_first else ASCENDING
        with self._bounded():
            found = self._database[collection].find({**conditions, place: bounds})
            return await found.sort(place, order).limit(reading.limit).to_list()

    async def _write(self, collection: str, writes: Sequence[Write]) -> None:
        if writes:
            await self._database[collection].bulk_write(list(writes), ordered=True)

    async def _prepare(self) -> None:
        if self._prepared:
            return
        for name, indexes in _INDEXES.items():
            await self._database[name].create_indexes(list(indexes))
        self._prepared = True

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, ReadModelUnavailable)


def _equal(**wanted: str | None) -> Stored:
    return {field: value for field, value in wanted.items() if value is not None}
