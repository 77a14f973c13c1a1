"""Streams of events, and the one order over all of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.api_object.events import ApiObjectEvent
from domain.lab_instance.events import LabInstanceEvent

Fact = LabInstanceEvent | ApiObjectEvent
"""What streams hold: each stream the events of one lab, or of one API object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event about to be stored. `id` makes a repeated append recognisable; `metadata` is
    flat, string to string."""

    id: UUID
    event: Fact
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """A stored event.

    `position`: its place in the order over all streams: increasing, not contiguous, opaque.
    `version`: its place in its stream, from 1 without gaps.
    `type`: the stored name, such as `lab-instance.created.v1`, as it was written.
    `metadata`: as given, plus `previousHash` and `hash` of the stream's chain.
    `recorded_at`: when the store wrote it, aware UTC; never falls along the positions that
    one reading delivers. In what an append returns, it may be the time of the writer's clock.
    """

    position: int
    stream: str
    version: int
    id: UUID
    type: str
    event: Fact
    metadata: Mapping[str, str]
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    """A subscription has delivered everything that was stored and goes live from here."""

    position: int


@dataclass(frozen=True, slots=True)
class Tip:
    """The end of a stream: its version (the number of its events) and its last event's hash.

    An absent stream ends at `EMPTY`.
    """

    version: int
    hash: str


EMPTY = Tip(0, "")


class EventStoreError(Exception):
    """The event store could not do what was asked; nothing is said about the caller."""


class StreamConflict(EventStoreError):
    """The stream does not end where the writer thought; nothing was written."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        self.stream = stream
        self.expected = expected
        self.actual = actual
        super().__init__(f"stream {stream!r} is at version {actual}, not {expected}")


class EventStoreUnavailable(EventStoreError):
    """The store cannot be reached or cannot write now; trying again later may succeed.

    Whether an append was stored is unknown: repeat it with the same ids and expectation.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the event store is unavailable: {reason}")


class AppendTooLarge(EventStoreError):
    """The store does not take so much at once; nothing was written, and repeating is useless."""

    def __init__(self, largest: int) -> None:
        self.largest = largest
        super().__init__(
            f"the event store takes at most {largest:,} bytes at once, or less if it is set so"
        )


class UndecodableEvent(EventStoreError):
    """A stored event cannot be read. Readers stop here; the event is never skipped."""

    def __init__(self, position: int, stream: str, type_: str, reason: str) -> None:
        self.position = position
        self.stream = stream
        self.type = type_
        super().__init__(
            f"event {type_!r} at position {position} of stream {stream!r} "
            f"cannot be decoded: {reason}"
        )


class EventStore(Protocol):
    """Append-only streams of events with one total order.

    Iterators deliver in order and hold bounded memory. Every method raises
    EventStoreUnavailable when the store cannot be used, and every read raises
    UndecodableEvent at an event it cannot decode, after delivering all before it.
    """

    async def append(
        self, stream: str, events: Sequence[NewEvent], *, expected: Tip
    ) -> Sequence[RecordedEvent]:
        """Store all events or none, durably, and return them as recorded.

        Raises StreamConflict when the stream's version is not `expected.version`, unless
        the events right after that version have the very ids given: then it is a repeat,
        and the events recorded before are returned. Each event's hash chains on the one
        before it, the first on `expected.hash`. No events: nothing is written or checked.
        """

    def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        """The stream's events from `from_version` (included) to its end, or to its start
        when `backwards`. None means from the start, or from the end when `backwards`.
        An absent stream delivers nothing."""

    def read_all(self, *, after: int) -> AsyncIterator[RecordedEvent]:
        """All events with a position greater than `after`, up to the present end."""

    def read_back(self) -> AsyncIterator[RecordedEvent]:
        """All events from the present end to the start, the newest first. Who stops early
        has cost little, however long the log is."""

    def subscribe_all(self, *, after: int) -> AsyncIterator[RecordedEvent | CaughtUp]:
        """All events with a position greater than `after`, for ever: what is stored first,
        then a CaughtUp, then each new event as it commits, without gap or repetition.
        CaughtUp may come again after the subscriber fell behind."""

    async def head(self) -> int:
        """The position of the last stored event; 0 when there is none."""

    async def is_lost(self, position: int) -> bool:
        """Whether the position was given by a time line that the log has left: it is behind
        the last event of an epoch and before the first position of the next. One that is yet
        to come is not lost."""
