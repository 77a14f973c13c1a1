"""Where Events come from. Several sources are merged into one, in the order of the log."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Protocol

from api.events.filter import EventFilter
from api.events.item import EventChange, EventItem
from api.events.turns import in_turns


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in the order of their positions, as of `position`."""

    items: Sequence[EventItem]
    position: int


class EventSource(Protocol):
    """Some of the Events. Positions are those of the log, for all sources the same."""

    async def get(self, namespace: str, name: str) -> EventItem | None:
        """The Event of that name, or None when it is not one of this source."""

    async def find(self, wanted: EventFilter, *, after: int, upto: int | None) -> EventPage:
        """The Events that lists show, as of the position `upto` (None: now), but for those
        at or before `after`. It may hold others than those wanted. Raises
        ResourceVersionTooLarge."""

    def changes(self, *, after: int, upto: int) -> AsyncIterator[EventChange]:
        """All that happened to Events after one position and up to another, in order."""


class EventSources:
    """Several sources as one EventSource."""

    def __init__(self, sources: Sequence[EventSource]) -> None:
        self._sources = tuple(sources)

    async def get(self, namespace: str, name: str) -> EventItem | None:
        for source in self._sources:
            if (found := await source.get(namespace, name)) is not None:
                return found
        return None

    async def find(self, wanted: EventFilter, *, after: int, upto: int | None) -> EventPage:
        """See EventSource. All sources are asked as of the moment that the first answers."""
        found: list[EventItem] = []
        for source in self._sources:
            page = await source.find(wanted, after=after, upto=upto)
            upto = page.position
            chosen = await in_turns(wanted.matches, page.items)
            found += compress(page.items, chosen)
        return EventPage(sorted(found, key=_position), upto or 0)

    async def changes(self, *, after: int, upto: int) -> AsyncIterator[EventChange]:
        """See EventSource. Of each source one change is held at a time."""
        readings = [source.changes(after=after, upto=upto) for source in self._sources]
        heads = [(await anext(reading, None), reading) for reading in readings]
        while waiting := [(head, reading) for head, reading in heads if head is not None]:
            first, reading = min(waiting, key=lambda each: each[0].position)
            yield first
            following = await anext(reading, None)
            heads = [(following if each is reading else head, each) for head, each in waiting]


def _position(item: EventItem) -> int:
    return item.position
