"""Answers about labs as they were at a position of the past."""

import asyncio
from collections.abc import Mapping, Sequence

from application.event_log.freshness import Freshness
from application.event_log.labs import LABS
from application.event_log.replay import view_when
from application.mediator.questions import (
    Latest,
    ListLabInstances,
    ResourceVersionTooLarge,
)
from application.ports.event_store import EventStore
from application.ports.past_index import Lifetime, PastIndex, Within
from application.ports.read_model import Page, ReadModelUnavailable
from application.ports.selectors import LabField, ViewFilter
from application.ports.views import LabInstanceView
from application.queries.folded_moments import FoldedMoments
from domain.lab_instance.key import LabKey

_AT_ONCE = 200


class PastLabs:
    """Folds the lifetimes that the index knows of, and nothing else: one at a time, whoever asks.
    Where the index is not as far, the whole log is folded."""

    def __init__(self, store: EventStore, index: PastIndex, freshness: Freshness) -> None:
        self._store = store
        self._index = index
        self._freshness = freshness
        self._moments = FoldedMoments(LABS, store)

    async def get(self, key: LabKey, position: int) -> LabInstanceView | None:
        """The lab as of the position. Raises what the store raises."""
        first = 1
        if await self._knows(position):
            lifetime = await self._index.latest(key, position=position)
            if lifetime is None or (lifetime.gone is not None and lifetime.gone <= position):
                return None
            first = lifetime.first_version
        return await view_when(LABS, self._store, key, upto=position, first_version=first)

    async def find(self, question: ListLabInstances, position: int) -> Page:
        """One page of the labs as of the position. Raises what the store raises."""
        if await self._knows(position):
            matching = await self._from_lifetimes(question, position)
        else:
            matching = _cut(question, await self._moments.views(position))
        limit = question.limit
        return Page(views=matching[:limit], more=len(matching) > limit, position=position)

    async def _knows(self, position: int) -> bool:
        """Whether the index is as far, if need be after a wait for what was written just now."""
        try:
            if await self._index.reached() >= position:
                return True
            await self._freshness.caught_up(Latest(not_older_than=position))
            return await self._index.reached() >= position
        except (ReadModelUnavailable, ResourceVersionTooLarge):
            return False

    async def _from_lifetimes(
        self, question: ListLabInstances, position: int
    ) -> Sequence[LabInstanceView]:
        """As many as are asked for, and one more if there are any."""
        wanted, after = question.limit + 1, question.after
        within = _scope_of(question.wanted)
        size = min(wanted, _AT_ONCE) if _selects_by_name_only(question.wanted) else _AT_ONCE
        matching: list[LabInstanceView] = []
        while len(matching) < wanted:
            alive = await self._index.alive(position, within, after=after, limit=size)
            for lifetime in alive:
                view = await self._view(lifetime, position)
                if view is not None and question.wanted.matches(view.lab):
                    matching.append(view)
            if len(alive) < size:
                break
            after = alive[-1].key
        return matching

    async def _view(self, lifetime: Lifetime, position: int) -> LabInstanceView | None:
        async with self._moments.turn:
            view = await view_when(
                LABS,
                self._store,
                lifetime.key,
                upto=position,
                first_version=lifetime.first_version,
            )
        await asyncio.sleep(0)  # others get their turn
        return view


def _cut(
    question: ListLabInstances, views: Mapping[LabKey, LabInstanceView]
) -> Sequence[LabInstanceView]:
    after = question.after
    return [
        views[key]
        for key in sorted(views)
        if (after is None or key > after) and question.wanted.matches(views[key].lab)
    ]


def _scope_of(wanted: ViewFilter) -> Within:
    """What of the filter never changes in a life."""
    named = {one.field: one.value for one in wanted.fields if not one.negated}
    return Within(namespace=named.get(LabField.NAMESPACE), name=named.get(LabField.NAME))


def _selects_by_name_only(wanted: ViewFilter) -> bool:
    places = (LabField.NAMESPACE, LabField.NAME)
    return not wanted.labels and all(one.field in places for one in wanted.fields)
