"""Times and positions of the past: which one stands for which (decision 127)."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from application.event_log.chronology import believed
from application.event_log.closing import closing_early
from application.event_log.passing import Passing
from application.event_log.past import require_reached
from application.mediator.questions import AtPosition, AtTime
from application.ports.clock import Clock
from application.ports.event_store import EventStore
from application.ports.past_index import PastIndex, Stretch
from application.ports.read_model import ReadModelUnavailable

_begins = attrgetter("begins")
_after = attrgetter("after")


class Moments:
    """Finds the position that a moment of the past stands for, by the events' own times.

    At a time the log was as it is up to the last event, of those whose clock is believed, whose
    own time is not later. A time that is not over yet is the present.
    """

    def __init__(self, store: EventStore, index: PastIndex, clock: Clock) -> None:
        self._store = store
        self._index = index
        self._clock = clock

    async def position_of(self, past: AtPosition | AtTime) -> int:
        """Raises ResourceVersionTooLarge, ResourceVersionExpired, and what the store raises."""
        if isinstance(past, AtPosition):
            await require_reached(self._store, past.position)
            return past.position
        now = self._clock.now()
        if past.time >= now:
            return await self._store.head()
        chain = believed(await self._stretches(), now=now)
        place = bisect_right(chain, past.time, key=_begins)
        if not place:
            return 0
        stretch = chain[place - 1]
        if past.time >= stretch.ends:
            return stretch.last
        position, _ = await self._within(stretch, until=past.time, upto=stretch.last)
        return position

    async def time_of(self, position: int) -> datetime | None:
        """The own time of the last event up to there whose clock is believed; None when there is
        none."""
        chain = believed(await self._stretches(), now=self._clock.now())
        place = bisect_right(chain, position - 1, key=_after)
        if not place:
            return None
        stretch = chain[place - 1]
        if position >= stretch.last:
            return stretch.ends
        _, at = await self._within(stretch, until=stretch.ends, upto=position)
        return at

    async def ahead(self) -> timedelta:
        """By how much the latest time that the index knows of is yet to come: the clock was ahead
        once, or is behind now. Raises ReadModelUnavailable."""
        latest = max((one.ends for one in await self._index.stretches()), default=None)
        return max(timedelta(0), latest - self._clock.now()) if latest else timedelta(0)

    async def _stretches(self) -> Sequence[Stretch]:
        """Those of the index, and of what it has not reached."""
        try:
            reached, known = await self._index.reached(), await self._index.stretches()
        except ReadModelUnavailable:
            reached, known = 0, ()
        known = [one for one in known if one.after < reached]
        start = min(reached, known[-1].last) if known else 0
        passing = Passing(after=start)
        async for recorded in self._store.read_all(after=start):
            passing.note(recorded)
        return (*known, *passing.taken().stretches)

    async def _within(
        self, stretch: Stretch, *, until: datetime, upto: int
    ) -> tuple[int, datetime]:
        """The last event of the stretch before the first later one: its position, and the latest
        time up to it."""
        position, latest = stretch.after, stretch.begins
        async with closing_early(self._store.read_all(after=stretch.after)) as reading:
            async for recorded in reading:
                if recorded.position > upto or recorded.event.at > until:
                    break
                position, latest = recorded.position, max(latest, recorded.event.at)
        return position, latest
