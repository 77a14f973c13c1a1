"""Every change, of labs or of objects, to whoever watches, from any position ever."""

from bisect import bisect_right
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from application.event_log.api_objects import API_OBJECTS
from application.event_log.labs import LABS
from application.event_log.merged_changes import merging
from application.event_log.past import require_kept
from application.event_log.progress import Progress
from application.event_log.replay import replayed_changes
from application.mediator.questions import ResourceVersionTooLarge
from application.ports.event_store import EventStore
from application.ports.views import ApiObjectChange, LabChange
from application.structures.turnstile import Turnstile

_position = attrgetter("position")
_HEAVIEST = 32 * 1024 * 1024
_SLICE = 32
_ABREAST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """The watcher has seen everything up to `position`."""

    position: int


class Change(Protocol):
    """What one event did."""

    @property
    def position(self) -> int:
        """The event's."""

    @property
    def weight(self) -> int:
        """What it takes in memory, in bytes."""


C = TypeVar("C", bound=Change)
C_co = TypeVar("C_co", bound=Change, covariant=True)


class ReplayedChanges(Protocol[C_co]):
    """The changes that the events after one position, and up to another, made."""

    def __call__(self, *, after: int, upto: int) -> AsyncIterator[C_co]:
        """From the log."""


class ChangeFeed(Generic[C]):
    """Recent changes are kept in memory, once for all watchers, up to a number and up to 64 MB;
    older ones come from the log.

    A watcher is a place in that memory, so many or slow watchers cost nothing; one that falls
    out of it goes on from the log. Those with much to catch up on take turns, a slice each, so
    that a crowd of them leaves time for others. `published` is how far the feed has come.
    """

    def __init__(
        self, store: EventStore, replay: ReplayedChanges[C], *, capacity: int, patience: float
    ) -> None:
        """Keep `capacity` changes; wait `patience` seconds for a position not reached yet."""
        self._store = store
        self._replay = replay
        self._capacity = capacity
        self._patience = patience
        # For speed, decision 31: one memory for all watchers, and no queue for any.
        self._recent: list[C] = []
        self._weight = 0
        self._floor = 0
        self._closed = False
        self._turns = Turnstile(abreast=_ABREAST)
        self.published = Progress()

    def begin_at(self, position: int) -> None:
        """Nothing at or before `position` will be published; said before any `publish`."""
        if position > self.published.position:
            self._recent.clear()
            self._weight = 0
            self._floor = position
            self.published.advance(position)

    def publish(self, changes: Sequence[C], *, position: int) -> None:
        """Add changes, in order, the last of them at or before `position`. Those that were
        published before, by a projector that had to go back, are left out."""
        known = self.published.position
        fresh = [one for one in changes if one.position > known]
        self._recent += fresh
        self._weight += sum(one.weight for one in fresh)
        if len(self._recent) > 2 * self._capacity or self._weight > 2 * _HEAVIEST:
            self._forget_oldest()
        self.published.advance(position)

    def _forget_oldest(self) -> None:
        surplus = max(0, len(self._recent) - self._capacity)
        self._weight -= sum(one.weight for one in self._recent[:surplus])
        while self._weight > _HEAVIEST:
            self._weight -= self._recent[surplus].weight
            surplus += 1
        self._floor = self._recent[surplus - 1].position
        del self._recent[:surplus]

    def close(self) -> None:
        """End every watch: the service stops."""
        self._closed = True
        self.published.advance(self.published.position + 1)

    async def changes(self, *, after: int) -> AsyncGenerator[C | Bookmark, None]:
        """All changes after the position, in order, for ever, and a Bookmark whenever there
        are no more for now. Ends when the service stops. Raises ResourceVersionTooLarge for
        a position in the future, ResourceVersionExpired for one of a time line that is lost."""
        await require_kept(self._store, after)
        if not await self.published.reached(after, within=self._patience):
            raise ResourceVersionTooLarge(after, self.published.position)
        seen = after
        while not self._closed:
            reached = self.published.position
            far_back, sent = reached - seen > _SLICE, 0
            async for change in self._between(seen, reached):
                if far_back and sent % _SLICE == 0:
                    await self._turns.pass_through()
                sent += 1
                yield change
            seen = max(seen, reached)
            yield Bookmark(position=seen)
            if self.published.position == reached and not self._closed:
                await self.published.moved()

    async def _between(self, seen: int, reached: int) -> AsyncIterator[C]:
        while seen < reached:
            if seen < self._floor:
                async for change in self._replay(after=seen, upto=reached):
                    yield change
                return
            batch = self._remembered(seen)
            if not batch:
                return
            for change in batch:
                if change.position > reached:
                    return
                yield change
                seen = change.position

    def _remembered(self, seen: int) -> Sequence[C]:
        start = bisect_right(self._recent, seen, key=_position)
        return self._recent[start : start + 100]


class WatchFeed(ChangeFeed[LabChange]):
    """The feed of labs."""

    def __init__(self, store: EventStore, *, capacity: int, patience: float) -> None:
        """As every feed."""
        super().__init__(store, partial(_replayed, store), capacity=capacity, patience=patience)


class ApiObjectFeed(ChangeFeed[ApiObjectChange]):
    """The feed of API objects. Its positions are those of the labs' feed."""

    def __init__(self, store: EventStore, *, capacity: int, patience: float) -> None:
        """As every feed."""
        replay = partial(replayed_changes, API_OBJECTS, store)
        super().__init__(store, replay, capacity=capacity, patience=patience)


def _replayed(store: EventStore, *, after: int, upto: int) -> AsyncIterator[LabChange]:
    return merging(replayed_changes(LABS, store, after=after, upto=upto))
