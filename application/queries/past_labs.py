"""Answers lists of labs as they were at a moment of the past."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from application.event_log.labs import LABS
from application.event_log.past import until
from application.event_log.replay import views_when
from application.mediator.questions import AtPosition, AtTime, ListLabInstances
from application.ports.event_store import EventStore
from application.ports.read_model import Page
from application.ports.views import LabInstanceView
from application.structures.remembered import Remembered

_MOMENTS = 8
_HEAVIEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folded:
    views: Sequence[LabInstanceView]
    position: int
    weight: int


class PastLabs:
    """Folds the log up to a moment once for all pages of its list: the moments asked for last
    are kept, up to 64 MB of views. One is folded at a time, whoever asks, so that the past never
    takes more than its share from the present."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._turn = asyncio.Lock()
        self._moments: Remembered[AtPosition | AtTime, _Folded] = Remembered(
            _MOMENTS, weigh=lambda folded: folded.weight, heaviest=_HEAVIEST
        )

    async def find(self, question: ListLabInstances, past: AtPosition | AtTime) -> Page:
        """One page. Raises as `until` does."""
        folded = await self._at(past)
        after, limit = question.after, question.limit
        matching = [
            view
            for view in folded.views
            if (after is None or view.lab.key > after) and question.wanted.matches(view.lab)
        ]
        return Page(views=matching[:limit], more=len(matching) > limit, position=folded.position)

    async def _at(self, past: AtPosition | AtTime) -> _Folded:
        belongs = await until(self._store, past)
        async with self._turn:
            known = self._moments.get(past)
            if known is not None:
                return known
            views, reached = await views_when(LABS, self._store, belongs)
            position = past.position if isinstance(past, AtPosition) else reached
            folded = _Folded(
                views=[views[key] for key in sorted(views)],
                position=position,
                weight=sum(view.weight for view in views.values()),
            )
            if folded.weight <= _HEAVIEST:
                self._moments.put(AtPosition(position=position), folded)
            return folded
