"""What the index of the past learns from events, as they pass."""

from datetime import UTC, datetime, timedelta

from application.event_log.labs import key_of
from application.ports.event_store import RecordedEvent
from application.ports.past_index import Ending, Lifetime, Passed, Stretch
from domain.lab_instance.end_facts import Deleted
from domain.lab_instance.events import LabInstanceCreated

TOLERANCE = timedelta(seconds=5)
"""So much may times of one piece fall: clocks of replicas differ, and commits overtake each
other."""

_LEAP = timedelta(hours=1)
_MOST_EVENTS = 1000
_FEW = 100
_SHORT = timedelta(seconds=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


class Passing:
    """Notes events in the order of the log, those after `after`, without a gap."""

    def __init__(self, *, after: int) -> None:
        self._position = after
        self._born: list[Lifetime] = []
        self._ended: list[Ending] = []
        self._stretches: list[Stretch] = []
        self._after = after
        self._begins = self._ends = self._told_ends = _NEVER
        self._events = self._told_events = 0

    def note(self, recorded: RecordedEvent) -> None:
        """The next event."""
        event = recorded.event
        self._lengthen(event.at)
        self._position = recorded.position
        if isinstance(event, LabInstanceCreated):
            self._born.append(
                Lifetime(
                    key=event.lab,
                    uid=event.uid,
                    first_version=recorded.version,
                    born=recorded.position,
                    born_at=event.at,
                )
            )
        elif isinstance(event, Deleted):
            key, version = key_of(recorded.stream), recorded.version
            self._ended.append(Ending(key=key, version=version, position=recorded.position))

    def taken(self) -> Passed:
        """All that was noted since this was called last, and the stretch that goes on, unless it
        was told a moment ago: who asks reads the rest from the log."""
        if self._events - self._told_events >= _FEW or self._ends - self._told_ends >= _SHORT:
            self._close()
            self._told_events, self._told_ends = self._events, self._ends
        passed = Passed(
            born=tuple(self._born), ended=tuple(self._ended), stretches=tuple(self._stretches)
        )
        self._born, self._ended, self._stretches = [], [], []
        return passed

    def _lengthen(self, at: datetime) -> None:
        if not self._goes_on(at):
            self._close()
            self._after, self._events, self._told_events = self._position, 0, 0
            self._begins = self._ends = at
            self._told_ends = _NEVER
        elif at > self._ends:
            self._ends = at
        self._events += 1

    def _goes_on(self, at: datetime) -> bool:
        """Whether the event is of the stretch that was open."""
        known = 0 < self._events < _MOST_EVENTS
        return known and self._ends - TOLERANCE <= at <= self._ends + _LEAP

    def _close(self) -> None:
        if self._events:
            self._stretches.append(
                Stretch(
                    after=self._after,
                    last=self._position,
                    begins=self._begins,
                    ends=self._ends,
                    events=self._events,
                )
            )
