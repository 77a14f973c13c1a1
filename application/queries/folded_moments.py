"""Moments of the past that were folded from the whole log, kept for a while."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from application.event_log.category import Category
from application.event_log.replay import views_when
from application.ports.event_store import EventStore
from application.ports.views import Weighed
from application.structures.remembered import Remembered

_MOMENTS = 8
_HEAVIEST = 64 * 1024 * 1024

K = TypeVar("K")
V = TypeVar("V", bound=Weighed)


@dataclass(frozen=True, slots=True)
class _Folded(Generic[K, V]):
    views: Mapping[K, V]
    weight: int


class FoldedMoments(Generic[K, V]):
    """Folds the log once for all pages of a list, and one moment at a time, whoever asks: the
    past never takes more than its share from the present. The moments asked for last are kept, up
    to 64 MB of views."""

    def __init__(self, category: Category[K, V], store: EventStore) -> None:
        self._category = category
        self._store = store
        self.turn = asyncio.Lock()
        self._known: Remembered[int, _Folded[K, V]] = Remembered(
            _MOMENTS, weigh=lambda folded: folded.weight, heaviest=_HEAVIEST
        )

    async def views(self, position: int) -> Mapping[K, V]:
        """All views as of the position. Raises what the store raises."""
        async with self.turn:
            known = self._known.get(position)
            if known is None:
                views = await views_when(self._category, self._store, position)
                known = _Folded(views, sum(view.weight for view in views.values()))
                if known.weight <= _HEAVIEST:
                    self._known.put(position, known)
            return known.views
