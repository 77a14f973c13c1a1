"""The ReadModel port on MongoDB."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

from application.event_log.newest_changes import newest_of_each
from application.ports.past_index import NOTHING_PASSED, Passed
from application.ports.read_model import (
    CommandSearch,
    ForeignReadModel,
    Page,
    ReadModelUnavailable,
    UnreadableView,
    ViewsSetBack,
)
from application.ports.selectors import ViewFilter
from application.ports.views import CarriedOut, LabChange, LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState
from infrastructure.mongodb.calls import bounded
from infrastructure.mongodb.command_documents import command_write, found_command
from infrastructure.mongodb.generations import Generation, Generations
from infrastructure.mongodb.next_generation import NextGeneration
from infrastructure.mongodb.past_index import learn, together
from infrastructure.mongodb.unreadable_documents import UnreadableDocuments
from infrastructure.mongodb.view_documents import (
    SHOWN,
    StoredView,
    is_tombstone,
    place_of,
    stray,
    to_document,
    to_view,
    to_write,
)
from infrastructure.mongodb.view_query import (
    BY_PLACE,
    COUNTED_BY_STATE,
    LONGEST_OVERDUE_FIRST,
    STRAY,
    Condition,
    due_by,
    matching,
    owned_by,
    unsettled,
)

_LARGEST_BATCH = 1000
_WRITTEN_AT_ONCE = 350  # more would keep the event loop from everything else for too long


class MongodbReadModel:
    """The ReadModel contract. Works on a replica set and on a server of its own.

    A batch is written views first, checkpoint last, each guarded by positions: a crash in
    between leaves views that are ahead of the checkpoint, and writing the batch again changes
    nothing in them. A page may hold changes of the batch that is being written, and never
    lacks one at or before its position.
    """

    def __init__(self, generations: Generations | NextGeneration, *, patience: float) -> None:
        self._generations = generations
        self._patience = patience
        self._applied = 0
        self.unreadable: UnreadableDocuments[LabKey, LabInstanceView] = UnreadableDocuments(
            generations,
            patience=patience,
            within=lambda generation: generation.views,
            document=to_document,
            search=self._search_strays,
        )

    async def get(self, key: LabKey) -> LabInstanceView | None:
        with self._bounded():
            generation = await self._generations.present()
            stored = await generation.views.find_one({"_id": place_of(key)}, SHOWN)
        if stored is None or is_tombstone(stored):
            return None
        views = self._readable([stored], generation)
        if not views:
            raise UnreadableView(key)
        return views[0]

    async def find(self, wanted: ViewFilter, *, after: LabKey | None, limit: int) -> Page:
        return await self._page(matching(wanted, after=after), limit)

    async def count(self, wanted: ViewFilter) -> int:
        with self._bounded():
            views = (await self._generations.present()).views
            return await views.count_documents(matching(wanted, after=None))

    async def due(self, now: datetime, *, limit: int) -> Sequence[LabInstanceView]:
        with self._bounded():
            generation = await self._generations.present()
            cursor = generation.views.find(
                due_by(now), SHOWN, sort=LONGEST_OVERDUE_FIRST, limit=limit
            )
            stored = await cursor.to_list()
        return self._readable(stored, generation)

    async def owned(self, uids: Sequence[str]) -> Mapping[str, LabInstanceView]:
        with self._bounded():
            generation = await self._generations.present()
            stored = await generation.views.find(owned_by(uids), SHOWN).to_list()
        return {view.lab.uid: view for view in self._readable(stored, generation)}

    async def unsettled(self, *, after: LabKey | None, limit: int) -> Page:
        return await self._page(unsettled(after), limit)

    async def count_by_state(self) -> Mapping[LabState, int]:
        with self._bounded():
            views = (await self._generations.present()).views
            counted = await (await views.aggregate(COUNTED_BY_STATE)).to_list()
        return {LabState(state["_id"]): state["labs"] for state in counted}

    async def position(self) -> int:
        with self._bounded():
            return (await self._generations.present()).position

    async def find_command(self, command: UUID) -> CommandSearch:
        """See ReadModel. The position is read first, and both are of one generation."""
        with self._bounded():
            generation = await self._generations.present()
            stored = await generation.commands.find_one({"_id": command.bytes})
        return found_command(command, stored, position=generation.position)

    async def apply(
        self,
        changes: Sequence[LabChange],
        *,
        position: int,
        commands: Sequence[CarriedOut] = (),
        passed: Passed = NOTHING_PASSED,
    ) -> None:
        newest = newest_of_each(changes).values()
        with self._bounded():
            generation = await self._generations.present()
            self._refuse_to_leave_a_gap(generation)
            if commands:
                noted = [command_write(one) for one in commands]
                await generation.commands.bulk_write(noted, ordered=False)
            fresh = [one for one in newest if one.position > generation.position]
            learning = learn(generation, passed if position > generation.position else None)
            await together(learning, _written(generation, fresh))
            if not await self._generations.advance(generation, position):
                self._applied = 0
                raise ViewsSetBack  # cleared while they were written
        self._applied = max(generation.position, position)

    async def clear(self) -> None:
        with self._bounded():
            await self._generations.begin_anew()
        self._applied = 0

    async def claim(self, origin: str) -> None:
        with self._bounded():
            known = await self._generations.claim(origin)
        if known != origin:
            raise ForeignReadModel

    async def _page(self, condition: Condition, limit: int) -> Page:
        """The position is read first, so that it is never ahead of the views. A page is full
        whatever was left out: who goes on does so after its last view."""
        with self._bounded():
            generation = await self._generations.present()
            cursor = generation.views.find(
                condition,
                SHOWN,
                sort=BY_PLACE,
                limit=limit + 1,
                batch_size=min(limit + 1, _LARGEST_BATCH),
            )
            stored = await cursor.to_list()
            views = self._readable(stored, generation)
            if len(views) < len(stored) == limit + 1:
                views = await self._first_readable(generation, condition, limit + 1)
        return Page(views=views[:limit], more=len(views) > limit, position=generation.position)

    async def _first_readable(
        self, generation: Generation, condition: Condition, wanted: int
    ) -> Sequence[LabInstanceView]:
        """So many views, whatever stands between them, in one reading."""
        views: list[LabInstanceView] = []
        async with generation.views.find(condition, SHOWN, sort=BY_PLACE) as cursor:
            async for stored in cursor:
                views += self._readable([stored], generation)
                if len(views) == wanted:
                    break
        return views

    def _readable(
        self, stored: Iterable[StoredView], generation: Generation
    ) -> Sequence[LabInstanceView]:
        return self.unreadable.readable(to_view(one, generation.number) for one in stored)

    async def _search_strays(self) -> None:
        """Note the documents that no question finds: only reading all of them finds these."""
        with self._bounded():
            generation = await self._generations.present()
            stored = await generation.views.find(STRAY, SHOWN, limit=_LARGEST_BATCH).to_list()
        self.unreadable.readable(stray(one, generation.number) for one in stored)

    def _refuse_to_leave_a_gap(self, generation: Generation) -> None:
        """Another program may have cleared the views, or put an older copy in their place."""
        if generation.position < self._applied:
            self._applied = 0
            raise ViewsSetBack

    def _bounded(self) -> AbstractContextManager[None]:
        return bounded(self._patience, ReadModelUnavailable)


async def _written(generation: Generation, changes: Sequence[LabChange]) -> None:
    for start in range(0, len(changes), _WRITTEN_AT_ONCE):
        part = changes[start : start + _WRITTEN_AT_ONCE]
        await generation.views.bulk_write([to_write(one) for one in part], ordered=False)
