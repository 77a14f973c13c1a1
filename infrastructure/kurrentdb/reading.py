"""Stored events as recorded ones, with times that do not fall along the positions."""

from datetime import datetime

import msgspec

from application.ports.event_store import RecordedEvent
from infrastructure.codec.stored_event import StoredEvent, read_stored


class InOrder:
    """Reads events of one reading, one after another, in one direction.

    A server stamps events with its clock, which may have been set back between two of them;
    then the later one counts as no earlier than the one before.
    """

    def __init__(self, *, backwards: bool = False) -> None:
        self._bound = min if backwards else max
        self._at: datetime | None = None

    def read(self, stored: StoredEvent) -> RecordedEvent:
        """The event as recorded. Raises UndecodableEvent."""
        at = stored.recorded_at if self._at is None else self._bound(stored.recorded_at, self._at)
        self._at = at
        if at != stored.recorded_at:
            stored = msgspec.structs.replace(stored, recorded_at=at)
        return read_stored(stored)
