"""The Leases port on MongoDB: one document for each name, for ever, so that tokens grow."""

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from math import ceil
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase

from application.ports.leases import Lease, LeasesUnavailable
from infrastructure.mongodb.calls import ANY_TEXT, bounded

log = logging.getLogger(__name__)

_LASTS = {"$gt": ["$until", "$$NOW"]}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_A_DAY = 86_400_000
_NOBODY = ""
_IS_NEW = {"$eq": [{"$type": "$holder"}, "missing"]}, {"$eq": [{"$type": "$token"}, "missing"]}
_IS_WHOLE = (
    {"$eq": [{"$type": "$holder"}, "string"]},
    {"$in": [{"$type": "$token"}, ["int", "long"]]},
    {"$eq": [{"$type": "$until"}, "date"]},
    {"$lt": ["$until", {"$add": ["$$NOW", _A_DAY]}]},
)
_IS_SOUND = {"$or": [{"$and": [*_IS_NEW]}, {"$and": [*_IS_WHOLE]}]}
_BEYOND_ALL_TOKENS = {"$toLong": "$$NOW"}
"""Milliseconds since 1970: no name was ever acquired so often."""


class MongodbLeases:
    """The Leases contract over an open connection, which somebody else closes. The clock of
    the server decides when leases end; each change is one step on one document.

    A damaged document concerns its own lease. Whoever held that cannot be known, and may go on for
    as long as leases last: so long nobody gets it, and then it goes on with a larger token.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]], *, patience: float) -> None:
        self._leases = database.get_collection("leases", codec_options=ANY_TEXT)
        self._patience = patience

    async def acquire(self, name: str, *, holder: str, seconds: float) -> Lease | None:
        mine = {"$literal": holder}
        taken = {"$and": [_LASTS, {"$ne": ["$holder", mine]}]}
        token = {"$add": [{"$ifNull": ["$token", 0]}, 1]}
        change = {
            "holder": _whole({"$cond": [taken, "$holder", mine]}, _NOBODY),
            "token": _whole({"$cond": [taken, "$token", token]}, _BEYOND_ALL_TOKENS),
            "until": _whole({"$cond": [taken, "$until", _after(seconds)]}, _after(seconds)),
        }
        with self._bounded():
            stored = await self._leases.find_one_and_update(
                {"_id": name},
                [{"$set": change}],
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        if stored is None or stored["holder"] != holder:
            if stored is not None and stored["holder"] == _NOBODY:
                log.warning("a damaged lease is made anew, and free soon", extra={"lease": name})
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
        return {
            stored["_id"]: holder
            for stored in held
            if isinstance(holder := stored.get("holder"), str) and holder != _NOBODY
        }

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, LeasesUnavailable)


def _this(lease: Lease) -> dict[str, Any]:
    return {"_id": lease.name, "holder": lease.holder, "token": lease.token}


def _whole(value: object, otherwise: object) -> dict[str, Any]:
    """What the field becomes where the document is not damaged, and where it is."""
    return {"$cond": [_IS_SOUND, value, otherwise]}


def _after(seconds: float) -> dict[str, Any]:
    """So long from now; a millisecond more, because the server's now has lost a part of one."""
    return {"$add": ["$$NOW", ceil(seconds * 1000) + 1]}
