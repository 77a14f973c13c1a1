"""The Leases port on MongoDB: one document for each name, for ever, so that tokens grow."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from math import ceil
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase

from application.ports.leases import Lease, LeasesUnavailable
from infrastructure.mongodb.calls import bounded

_LASTS = {"$gt": ["$until", "$$NOW"]}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class MongodbLeases:
    """The Leases contract over an open connection, which somebody else closes. The clock of
    the server decides when leases end; each change is one step on one document."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], *, patience: float) -> None:
        self._leases = database["leases"]
        self._patience = patience

    async def acquire(self, name: str, *, holder: str, seconds: float) -> Lease | None:
        mine = {"$literal": holder}
        taken = {"$and": [_LASTS, {"$ne": ["$holder", mine]}]}
        token = {"$add": [{"$ifNull": ["$token", 0]}, 1]}
        change = {
            "holder": {"$cond": [taken, "$holder", mine]},
            "token": {"$cond": [taken, "$token", token]},
            "until": {"$cond": [taken, "$until", _after(seconds)]},
        }
        with self._bounded():
            stored = await self._leases.find_one_and_update(
                {"_id": name},
                [{"$set": change}],
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        if stored is None or stored["holder"] != holder:
            return None
        return Lease(name=name, holder=holder, token=stored["token"])

    async def renew(self, lease: Lease, *, seconds: float) -> bool:
        with self._bounded():
            changed = await self._leases.update_one(
                _this(lease) | {"$expr": _LASTS}, [{"$set": {"until": _after(seconds)}}]
            )
        return changed.matched_count == 1

    async def release(self, lease: Lease) -> None:
        with self._bounded():
            await self._leases.update_one(_this(lease), {"$set": {"until": _LONG_AGO}})

    async def holders(self) -> Mapping[str, str]:
        with self._bounded():
            held = await self._leases.find({"$expr": _LASTS}).to_list()
        return {stored["_id"]: stored["holder"] for stored in held}

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, LeasesUnavailable)


def _this(lease: Lease) -> dict[str, Any]:
    return {"_id": lease.name, "holder": lease.holder, "token": lease.token}


def _after(seconds: float) -> dict[str, Any]:
    """So long from now; a millisecond more, because the server's now has lost a part of one."""
    return {"$add": ["$$NOW", ceil(seconds * 1000) + 1]}
