"""Answers about labs: one, many, now and at any moment of the past."""

from datetime import datetime
from typing import assert_never

from application.event_log.freshness import Freshness
from application.event_log.labs import LABS
from application.event_log.moments import Moments
from application.event_log.recent_labs import RecentLabs
from application.mediator.mediator import Mediator
from application.mediator.questions import (
    AtPosition,
    AtTime,
    CountLabInstances,
    GetLabInstance,
    GetTime,
    Latest,
    ListLabInstances,
    Recorded,
)
from application.ports.event_store import EventStore
from application.ports.read_model import Page, ReadModel
from application.ports.views import LabInstanceView
from application.queries.past_labs import PastLabs
from domain.errors import LabInstanceNotFound
from domain.lab_instance.key import LabKey


class LabQueries:
    """Answers GetLabInstance, ListLabInstances, CountLabInstances and GetTime.

    Questions about the present wait for the views (`freshness`). Those about what is recorded
    wait for no view: `recent` knows it, or the log. Those about the past go by `moments`,
    and `past` answers them.
    """

    def __init__(
        self,
        store: EventStore,
        read_model: ReadModel,
        *,
        freshness: Freshness,
        recent: RecentLabs,
        past: PastLabs,
        moments: Moments,
    ) -> None:
        self._store = store
        self._read_model = read_model
        self._freshness = freshness
        self._recent = recent
        self._moments = moments
        self._past = past

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        mediator.on_query(GetLabInstance, self.get)
        mediator.on_query(ListLabInstances, self.find)
        mediator.on_query(CountLabInstances, self.count)
        mediator.on_query(GetTime, self.time)

    async def get(self, question: GetLabInstance) -> LabInstanceView:
        """Raises LabInstanceNotFound, ResourceVersionTooLarge, and what the stores raise."""
        key = question.key
        match question.moment:
            case Latest() as latest:
                await self._freshness.caught_up(latest)
                view = await self._read_model.get(key)
            case Recorded() as recorded:
                view = await self._recorded(key, recorded)
            case AtPosition() | AtTime() as past:
                view = await self._past.get(key, await self._moments.position_of(past))
            case _:
                assert_never(question.moment)
        if view is None:
            raise LabInstanceNotFound(key.namespace, key.name)
        return view

    async def find(self, question: ListLabInstances) -> Page:
        """Raises ResourceVersionTooLarge, and what the stores raise."""
        match question.moment:
            case Latest() as latest:
                await self._freshness.caught_up(latest)
                return await self._read_model.find(
                    question.wanted, after=question.after, limit=question.limit
                )
            case AtPosition() | AtTime() as past:
                return await self._past.find(question, await self._moments.position_of(past))
            case _:
                assert_never(question.moment)

    async def count(self, question: CountLabInstances) -> int:
        """Of the labs that the views hold now."""
        return await self._read_model.count(question.wanted)

    async def time(self, question: GetTime) -> datetime | None:
        """As the events themselves say. Raises what the store raises."""
        return await self._moments.time_of(question.position)

    async def _recorded(self, key: LabKey, wanted: Recorded) -> LabInstanceView | None:
        known = self._recent.get(key)
        view = known.view if known else None
        if view is None or view.resource_version < wanted.not_older_than:
            view = (await self._recent.load(self._store, key)).view
        return LABS.present(view)
