"""Which collection holds the views, how far they are, and which log they are of.

Clearing begins a new collection and then points to it: one document changes, so nobody ever
sees half of it, however many views there were and wherever the process ends.
"""

from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from infrastructure.mongodb.indexes import VIEW_INDEXES

Stored = dict[str, Any]
_THE_ONE = {"_id": "views"}
_FIRST = {"generation": 1, "made": 1, "position": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """The collection in use. Everything up to `position` is in it, perhaps more."""

    number: int
    views: AsyncCollection[Stored]
    position: int


class Generations:
    """Keeps the one document that says so. Raises what the driver raises."""

    def __init__(self, database: AsyncDatabase[Stored]) -> None:
        self._database = database
        self._states = database["read-model"]

    async def prepare(self) -> Generation:
        """The generation in use, made if there is none, with all its indexes."""
        await self._states.update_one(_THE_ONE, {"$setOnInsert": _FIRST}, upsert=True)
        state = await self._states.find_one(_THE_ONE)
        generation = self._generation(state or _FIRST)
        await generation.views.create_indexes(list(VIEW_INDEXES))
        return generation

    async def present(self) -> Generation:
        """The generation in use."""
        state = await self._states.find_one(_THE_ONE)
        return self._generation(state) if state else await self.prepare()

    async def advance(self, generation: Generation, position: int) -> bool:
        """Move the checkpoint, never back; False when another generation is in use."""
        mine = _THE_ONE | {"generation": generation.number}
        changed = await self._states.update_one(mine, {"$max": {"position": position}})
        return changed.matched_count == 1

    async def claim(self, origin: str) -> str:
        """Remember the origin if none is known; which one is known now."""
        await self.present()
        state = await self._states.find_one_and_update(
            _THE_ONE,
            [{"$set": {"origin": {"$ifNull": ["$origin", {"$literal": origin}]}}}],
            return_document=ReturnDocument.AFTER,
        )
        return str(state["origin"]) if state else origin

    async def begin_anew(self) -> None:
        """Use an empty generation, of no log yet. The one used so far stays until the next
        time, for those who are still reading it."""
        state = await self._states.find_one_and_update(
            _THE_ONE, {"$inc": {"made": 1}}, return_document=ReturnDocument.AFTER
        )
        if state is None:
            await self.prepare()
            return
        fresh = self._views(state["made"])
        await fresh.create_indexes(list(VIEW_INDEXES))
        switched = await self._states.update_one(
            _THE_ONE | {"generation": state["generation"]},
            {
                "$set": {
                    "generation": state["made"],
                    "former": state["generation"],
                    "position": 0,
                },
                "$unset": {"origin": ""},
            },
        )
        if switched.matched_count == 0:
            await fresh.drop()  # somebody else has cleared them meanwhile
        elif "former" in state:
            await self._views(state["former"]).drop()
            await self._database[f"documents-{state['former']}"].drop()

    def _generation(self, state: Stored) -> Generation:
        number = state["generation"]
        return Generation(number=number, views=self._views(number), position=state["position"])

    def _views(self, number: int) -> AsyncCollection[Stored]:
        return self._database[f"views-{number}"]
