"""The durable log of the simulated event store: what is stored, not how it is reached."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from operator import attrgetter
from random import Random

from application.ports.clock import Clock
from application.ports.event_store import NewEvent, RecordedEvent, StreamConflict, Tip
from infrastructure.codec.chain import seal
from infrastructure.codec.stored_event import StoredEvent

_position = attrgetter("position")
_WIDEST_GAP = 3


class SimulatedLog:
    """Streams with the real chain of hashes, and positions with gaps between them.

    `recorded` are the events as readers get them, `stored` the same as bytes. `listeners` hear
    that there is more, `witnesses` what each append has added,
    `followed_from` from where on somebody subscribes.
    """

    def __init__(self, clock: Clock, chance: Random) -> None:
        self.recorded: list[RecordedEvent] = []
        self.stored: list[StoredEvent] = []
        self.listeners: list[Callable[[], None]] = []
        self.witnesses: list[Callable[[Sequence[RecordedEvent]], None]] = []
        self.followed_from: Callable[[int], None] = lambda position: None
        self._streams: dict[str, list[RecordedEvent]] = {}
        self._clock = clock
        self._chance = chance
        self._last = 0
        self._lost: list[tuple[int, int]] = []

    @property
    def head(self) -> int:
        """The last event's position; 0 when there is none."""
        return self.recorded[-1].position if self.recorded else 0

    def append(
        self, stream: str, events: Sequence[NewEvent], expected: Tip
    ) -> Sequence[RecordedEvent]:
        """As the port's."""
        known = self._streams.setdefault(stream, [])
        if len(known) != expected.version:
            return _earlier_result(stream, known, events, expected.version)
        added = self._write(stream, events, expected)
        known.extend(added)
        for witness in self.witnesses:
            witness(added)
        for listener in tuple(self.listeners):
            listener()
        return added

    def stream(self, name: str) -> Sequence[RecordedEvent]:
        """The stream's events, oldest first."""
        return self._streams.get(name, ())

    @property
    def streams(self) -> Sequence[str]:
        """The names of all streams, in the order of their first events."""
        return [name for name, events in self._streams.items() if events]

    def after(self, position: int) -> Sequence[RecordedEvent]:
        """The events after the position."""
        return self.recorded[bisect_right(self.recorded, position, key=_position) :]

    def is_lost(self, position: int) -> bool:
        """As the port's."""
        return any(first < position <= last for first, last in self._lost)

    def cut(self, position: int) -> None:
        """Lose everything after the position, as who restores an older copy does; what comes is
        of a new epoch."""
        self._lost.append((position, self._last))
        kept = bisect_right(self.recorded, position, key=_position)
        del self.recorded[kept:], self.stored[kept:]
        for events in self._streams.values():
            while events and events[-1].position > position:
                events.pop()

    def _write(
        self, stream: str, events: Sequence[NewEvent], expected: Tip
    ) -> Sequence[RecordedEvent]:
        at = self._clock.now()
        if self.recorded:
            at = max(at, self.recorded[-1].recorded_at)
        added = []
        for sealed in seal(stream, events, expected):
            self._last += self._chance.randint(1, _WIDEST_GAP)
            added.append(sealed.recorded(self._last, at))
            self.stored.append(
                StoredEvent(
                    position=self._last,
                    stream=stream,
                    version=sealed.version,
                    id=sealed.new.id,
                    type=sealed.type,
                    data=sealed.data,
                    metadata=sealed.metadata,
                    recorded_at=at,
                )
            )
        self.recorded.extend(added)
        return added


def _earlier_result(
    stream: str, known: Sequence[RecordedEvent], events: Sequence[NewEvent], expected: int
) -> Sequence[RecordedEvent]:
    earlier = known[expected : expected + len(events)]
    if [one.id for one in earlier] == [new.id for new in events]:
        return earlier
    raise StreamConflict(stream, expected, len(known))
