"""Documents of the views that cannot be decoded: noted, left out, and replaced."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

from application.ports.read_model import ReadModelUnavailable
from infrastructure.codec.unreadable import Unreadable, UnreadableNotes
from infrastructure.mongodb.calls import bounded
from infrastructure.mongodb.generations import Collection, Generation, Generations
from infrastructure.mongodb.guarded_writes import Met, Stored, replacement
from infrastructure.mongodb.next_generation import NextGeneration

K = TypeVar("K")
V = TypeVar("V")


class UnreadableDocuments(Generic[K, V]):
    """The UnreadableViews contract, over documents as they were met. `within`: the collection
    of a generation that they are in; `document`: the one that keeps a view. `search`: finds
    those that no list would meet, once, when somebody begins to mend."""

    def __init__(
        self,
        generations: Generations | NextGeneration,
        *,
        patience: float,
        within: Callable[[Generation], Collection],
        document: Callable[[V], Stored],
        search: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._generations = generations
        self._patience = patience
        self._within = within
        self._document = document
        self._search = search
        self._notes: UnreadableNotes[K, V] = UnreadableNotes()

    @property
    def unreadable(self) -> tuple[K, ...]:
        """See UnreadableViews."""
        return self._notes.keys

    def readable(self, read: Iterable[V | Unreadable[K]]) -> Sequence[V]:
        """Those that could be read; the others are remembered, and each is reported once."""
        return self._notes.readable(read)

    async def found(self) -> K:
        """See UnreadableViews."""
        if self._search is not None:
            await self._search()
            self._search = None
        return await self._notes.next()

    async def replace(self, key: K, view: V | None) -> None:
        """See UnreadableViews. Where another position or another generation stands by now,
        somebody has written meanwhile, and nothing is written."""
        noted = self._notes.of(key)
        if noted is None or not isinstance(noted.found, Met):
            return
        document = None if view is None else self._document(view)
        with bounded(self._patience, ReadModelUnavailable):
            generation = await self._generations.present()
            if generation.number == noted.found.generation:
                await self._within(generation).update_one(*replacement(noted.found, document))
        self._notes.forget(key)
