"""The facts about labs as Events: one for each, rendered from the log and stored nowhere else."""

from collections.abc import AsyncIterator
from datetime import timedelta

from api.events.fact_documents import document_of_fact, lab_and_version
from api.events.filter import EventFilter
from api.events.item import EventChange, EventItem
from api.events.source import EventPage
from api.events.turns import in_turns
from application.mediator.fact_questions import (
    FactPage,
    FactsAfter,
    FactsOfLab,
    GetFact,
    LabFact,
    RecentFacts,
)
from application.mediator.mediator import Mediator
from application.ports.clock import Clock

_LISTED_FOR = timedelta(hours=1)
_MOST_LISTED = 5_000
_MOST_OF_ONE_LAB = 1_000
_SLICE = 1_000


class LabEvents:
    """The EventSource of the facts about labs. A list of all of them shows the newest of the
    last hour; one of a single lab shows that lab's newest, however old they are."""

    def __init__(self, mediator: Mediator, clock: Clock) -> None:
        self._mediator = mediator
        self._clock = clock

    async def get(self, namespace: str, name: str) -> EventItem | None:
        """See EventSource. A fact is found however old it is."""
        place = lab_and_version(namespace, name)
        if place is None:
            return None
        key, version = place
        fact = await self._mediator.ask(GetFact(key=key, version=version))
        return _item(fact) if fact else None

    async def find(self, wanted: EventFilter, *, after: int, upto: int | None) -> EventPage:
        page = await self._found(wanted, after, upto)
        return EventPage(await in_turns(_item, page.facts), page.position)

    async def changes(self, *, after: int, upto: int) -> AsyncIterator[EventChange]:
        """See EventSource. A fact is added, and never changes."""
        while after < upto:
            page = await self._mediator.ask(FactsAfter(position=after, upto=upto, limit=_SLICE))
            for fact in page.facts:
                item = _item(fact)
                yield EventChange(item.position, None, item)
            after = page.position

    async def _found(self, wanted: EventFilter, after: int, upto: int | None) -> FactPage:
        key = wanted.lab
        if key is not None:
            return await self._mediator.ask(
                FactsOfLab(key=key, after=after, upto=upto, limit=_MOST_OF_ONE_LAB)
            )
        recent = RecentFacts(
            since=self._clock.now() - _LISTED_FOR,
            after=after,
            upto=upto,
            namespace=wanted.namespace,
            limit=_MOST_LISTED,
        )
        return await self._mediator.ask(recent)


def _item(fact: LabFact) -> EventItem:
    return EventItem(fact.recorded.position, document_of_fact(fact))
