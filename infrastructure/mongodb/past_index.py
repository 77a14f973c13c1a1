"""The PastIndex port on MongoDB: two collections for each generation of the views.

Written before the checkpoint moves, so it may be ahead of it; writing it again changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from pymongo import UpdateMany, UpdateOne

from application.ports.past_index import Lifetime, Passed, Stretch, Within
from application.ports.read_model import ReadModelUnavailable
from domain.lab_instance.key import LabKey
from infrastructure.mongodb.calls import bounded
from infrastructure.mongodb.generations import Generation, Generations
from infrastructure.mongodb.guarded_writes import Stored
from infrastructure.mongodb.next_generation import NextGeneration
from infrastructure.mongodb.view_documents import to_microseconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 12
_LAST = 10**_DIGITS - 1


class MongodbPastIndex:
    """The PastIndex contract."""

    def __init__(self, generations: Generations | NextGeneration, *, patience: float) -> None:
        self._generations = generations
        self._patience = patience

    async def reached(self) -> int:
        with self._bounded():
            generation = await self._generations.present()
        return min(generation.indexed, generation.position)

    async def alive(
        self, position: int, within: Within, *, after: LabKey | None, limit: int
    ) -> Sequence[Lifetime]:
        wanted: Stored = {
            "born": {"$lte": position},
            "$or": [{"gone": None}, {"gone": {"$gt": position}}],
            "_id": _places(within, after),
        }
        if within.name is not None:
            wanted["name"] = within.name
        return await self._found(wanted, ascending=True, limit=limit)

    async def latest(
        self, key: LabKey, *, position: int | None = None, version: int | None = None
    ) -> Lifetime | None:
        last = _LAST if version is None else version
        wanted: Stored = {"_id": {"$gte": _place(key, 0), "$lte": _place(key, last)}}
        if position is not None:
            wanted["born"] = {"$lte": position}
        found = await self._found(wanted, ascending=False, limit=1)
        return found[0] if found else None

    async def stretches(self) -> Sequence[Stretch]:
        with self._bounded():
            generation = await self._generations.present()
            stored = await generation.stretches.find({}, sort=[("_id", 1)]).to_list()
        return [
            Stretch(
                after=one["_id"],
                last=one["last"],
                begins=_at(one["begins"]),
                ends=_at(one["ends"]),
                events=one["events"],
            )
            for one in stored
        ]

    async def catch_up(self, passed: Passed, *, position: int) -> None:
        with self._bounded():
            generation = await self._generations.present()
            await learn(generation, passed)
            await self._generations.made_up(generation, position)

    async def _found(self, wanted: Stored, *, ascending: bool, limit: int) -> Sequence[Lifetime]:
        order = [("_id", 1 if ascending else -1)]
        with self._bounded():
            generation = await self._generations.present()
            stored = await generation.lifetimes.find(wanted, sort=order, limit=limit).to_list()
        return [_to_lifetime(one) for one in stored]

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, ReadModelUnavailable)


async def together(one: Awaitable[None], other: Awaitable[None]) -> None:
    """Wait for both, which are on their way at once. Where one fails, so does this, and the other
    is cancelled."""
    tasks = [asyncio.ensure_future(one), asyncio.ensure_future(other)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def learn(generation: Generation, passed: Passed | None) -> None:
    """Write what has passed, if there is anything. Raises what the driver raises."""
    if passed is not None:
        await together(_write_lifetimes(generation, passed), _write_stretches(generation, passed))


async def _write_lifetimes(generation: Generation, passed: Passed) -> None:
    lifetimes = [_birth(one) for one in passed.born]
    ends = [
        UpdateMany(
            {
                "_id": {"$gte": _place(one.key, 0), "$lte": _place(one.key, one.version)},
                "gone": None,
            },
            {"$set": {"gone": one.position, "lastVersion": one.version}},
        )
        for one in passed.ended
    ]
    if lifetimes or ends:
        await generation.lifetimes.bulk_write([*lifetimes, *ends])


async def _write_stretches(generation: Generation, passed: Passed) -> None:
    if passed.stretches:
        await generation.stretches.bulk_write([_longer(one) for one in passed.stretches])


def _place(key: LabKey, version: int) -> str:
    """Ordered by namespace, name and version: a space sorts before whatever names may hold."""
    return f"{key.namespace} {key.name} {version:0{_DIGITS}d}"


def _places(within: Within, after: LabKey | None) -> Stored:
    start = "" if within.namespace is None else f"{within.namespace} "
    bounds: Stored = {"$gt": max(start, _place(after, _LAST) if after else "")}
    if within.namespace is not None:
        bounds["$lt"] = f"{within.namespace}!"
    return bounds


def _birth(one: Lifetime) -> UpdateOne:
    born = {
        "namespace": one.key.namespace,
        "name": one.key.name,
        "firstVersion": one.first_version,
        "uid": one.uid,
        "born": one.born,
        "bornAt": to_microseconds(one.born_at),
        "gone": None,
        "lastVersion": None,
    }
    return UpdateOne(
        {"_id": _place(one.key, one.first_version)}, {"$setOnInsert": born}, upsert=True
    )


def _longer(one: Stretch) -> UpdateOne:
    first = {"begins": to_microseconds(one.begins)}
    most = {"last": one.last, "ends": to_microseconds(one.ends), "events": one.events}
    return UpdateOne({"_id": one.after}, {"$setOnInsert": first, "$max": most}, upsert=True)


def _to_lifetime(one: Stored) -> Lifetime:
    return Lifetime(
        key=LabKey(one["namespace"], one["name"]),
        uid=one["uid"],
        first_version=one["firstVersion"],
        born=one["born"],
        born_at=_at(one["bornAt"]),
        gone=one["gone"],
        last_version=one["lastVersion"],
    )


def _at(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
