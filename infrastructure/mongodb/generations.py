"""Which collection holds the views, how far they are, and which log they are of.

Clearing begins a new collection and then points to it: one document changes, so nobody ever
sees half of it, however many views there were and wherever the process ends.
"""

import re
from dataclasses import dataclass

from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from application.ports.read_model import UnreadableReadModel
from infrastructure.mongodb.calls import ANY_TEXT
from infrastructure.mongodb.guarded_writes import Stored, is_position
from infrastructure.mongodb.indexes import VIEW_INDEXES

Collection = AsyncCollection[Stored]
_THE_ONE = {"_id": "views"}
_INDEXED = {"$ifNull": ["$indexed", 0]}
_FIRST = {"generation": 1, "made": 1, "position": 0}
_KEPT = {"commands": 1}
_OF_AN_OLDER_RELEASE = {"commands": {"$exists": False}}
_ANEW = _KEPT | {"position": 0}
"""Which commands were carried out was not kept once: the log is gone through again for them."""
_DAMAGED = (
    "the document in MongoDB's collection read-model that says which views are in use is damaged; "
    "make the views anew with labctl rebuild"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """The collections in use. Everything up to `position` is in the views, perhaps more, and
    everything up to `indexed` in the index of the past."""

    number: int
    views: Collection
    api_objects: Collection
    commands: Collection
    lifetimes: Collection
    stretches: Collection
    position: int
    indexed: int


class Generations:
    """Keeps the one document that says so. Raises what the driver raises, and UnreadableReadModel
    where that document is damaged."""

    def __init__(self, database: AsyncDatabase[Stored]) -> None:
        self._database = database
        self._states = database["read-model"]
        self._prepared = False

    async def prepare(self) -> Generation:
        """The generation in use, made if there is none, with all its indexes."""
        await self._states.update_one(_THE_ONE, {"$setOnInsert": _FIRST | _KEPT}, upsert=True)
        await self._states.update_one(_THE_ONE | _OF_AN_OLDER_RELEASE, {"$set": _ANEW})
        state = await self._states.find_one(_THE_ONE)
        generation = self._generation(state or _FIRST)
        await generation.views.create_indexes(list(VIEW_INDEXES))
        self._prepared = True
        return generation

    async def present(self) -> Generation:
        """The generation in use. A server that was away at the start is prepared now."""
        state = await self._states.find_one(_THE_ONE) if self._prepared else None
        return self._generation(state) if state else await self.prepare()

    async def advance(self, generation: Generation, position: int) -> bool:
        """Move the checkpoint, never back; False when another generation is in use. The index of
        the past moves with it unless it is behind, because another program wrote the views."""
        mine = _THE_ONE | {"generation": generation.number}
        further = {"$max": [_INDEXED, position]}
        moves = {
            "position": {"$max": ["$position", position]},
            "indexed": {"$cond": [{"$gte": [_INDEXED, "$position"]}, further, _INDEXED]},
        }
        changed = await self._states.update_one(mine, [{"$set": moves}])
        return changed.matched_count == 1

    async def made_up(self, generation: Generation, position: int) -> None:
        """The index of the past is complete up to there."""
        mine = _THE_ONE | {"generation": generation.number}
        await self._states.update_one(mine, {"$max": {"indexed": position}})

    async def claim(self, origin: str) -> str:
        """Remember the origin if none is known, or only its first word; which one is known."""
        await self.present()
        in_short = {"$literal": origin.partition(" ")[0]}
        fits = {"$eq": [{"$ifNull": ["$origin", in_short]}, in_short]}
        state = await self._states.find_one_and_update(
            _THE_ONE,
            [{"$set": {"origin": {"$cond": [fits, {"$literal": origin}, "$origin"]}}}],
            return_document=ReturnDocument.AFTER,
        )
        return str(state["origin"]) if state else origin

    async def begin_anew(self) -> None:
        """Use an empty generation, of no log yet."""
        state = await self._states.find_one_and_update(
            _THE_ONE, {"$inc": {"made": 1}}, return_document=ReturnDocument.AFTER
        )
        if state is None:
            await self.prepare()
            return
        await self.views(state["made"]).create_indexes(list(VIEW_INDEXES))
        becomes = {"generation": state["made"], "former": state["generation"], "position": 0}
        becomes["indexed"] = 0
        await self.replace({"generation": state["generation"]}, becomes)

    async def begin_beside(self) -> tuple[int, int]:
        """An empty collection that nobody uses: its number, and that of the one in use. What
        was begun before and never used is dropped."""
        try:
            await self.present()
        except UnreadableReadModel:
            await self._mend_state()
        count = {"made": {"$add": ["$made", 1]}, "left": "$coming"}
        state = await self._states.find_one_and_update(
            _THE_ONE,
            [{"$set": count}, {"$set": {"coming": "$made"}}],
            return_document=ReturnDocument.AFTER,
        )
        assert state is not None, "it was there a moment ago"  # noqa: S101  nobody removes it
        if state.get("left") is not None:
            await self._drop(state["left"])
        await self.views(state["coming"]).create_indexes(list(VIEW_INDEXES))
        return state["coming"], state["generation"]

    async def replace(self, expected: Stored, becomes: Stored) -> bool:
        """Use another collection if all is as expected, else drop it. The one used so far
        stays until the next time, for those who are still reading it."""
        forgotten = {"left": "", "coming": ""} | ({} if "origin" in becomes else {"origin": ""})
        before = await self._states.find_one_and_update(
            _THE_ONE | expected, {"$set": becomes, "$unset": forgotten}
        )
        if before is None:
            await self._drop(becomes["generation"])
        elif "former" in before:
            await self._drop(before["former"])
        return before is not None

    def views(self, number: int) -> Collection:
        """The collection of this number."""
        return self._database.get_collection(f"views-{number}", codec_options=ANY_TEXT)

    def api_objects(self, number: int) -> Collection:
        """The collection of API objects beside the views of this number."""
        return self._database.get_collection(f"documents-{number}", codec_options=ANY_TEXT)

    def commands(self, number: int) -> Collection:
        """The collection of commands beside the views of this number."""
        return self._database.get_collection(f"commands-{number}")

    def lifetimes(self, number: int) -> Collection:
        """The collection of lifetimes beside the views of this number."""
        return self._database.get_collection(f"lifetimes-{number}")

    def stretches(self, number: int) -> Collection:
        """The collection of stretches beside the views of this number."""
        return self._database.get_collection(f"stretches-{number}")

    async def _drop(self, number: int) -> None:
        parts = (self.commands, self.views, self.api_objects, self.lifetimes, self.stretches)
        for part in parts:
            await part(number).drop()

    async def _mend_state(self) -> None:
        """The newest collection is in use, and nobody knows how far it is."""
        names = await self._database.list_collection_names()
        made = [int(name[6:]) for name in names if re.fullmatch("views-[0-9]+", name)]
        newest = max(made, default=1)
        state = _FIRST | {"generation": newest, "made": newest}
        await self._states.replace_one(_THE_ONE, state, upsert=True)

    def _generation(self, state: Stored) -> Generation:
        if not all(is_position(state.get(field)) for field in _FIRST):
            raise UnreadableReadModel(_DAMAGED)
        number = state["generation"]
        return Generation(
            number=number,
            views=self.views(number),
            api_objects=self.api_objects(number),
            commands=self.commands(number),
            lifetimes=self.lifetimes(number),
            stretches=self.stretches(number),
            position=state["position"],
            indexed=indexed if is_position(indexed := state.get("indexed")) else 0,
        )
