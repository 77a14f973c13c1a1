"""Notes about permits in memory: the PermitNotes contract among those who share the object."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.permit_notes import PermitNote

_FRESH = timedelta(seconds=15)


class MemoryPermitNotes:
    """The PermitNotes contract as long as the object lives, by the clock given."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._notes: dict[str, tuple[datetime, PermitNote]] = {}

    async def leave(self, note: PermitNote) -> None:
        self._notes[note.replica] = (self._clock.now(), note)

    async def all(self) -> Sequence[PermitNote]:
        oldest = self._clock.now() - _FRESH
        return [note for at, note in self._notes.values() if at >= oldest]
