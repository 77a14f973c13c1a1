"""Notes about permits in memory: the ReplicaNotes contract among those who share the object."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.replica_notes import ReplicaNote

_FRESH = timedelta(seconds=15)


class MemoryReplicaNotes:
    """The ReplicaNotes contract as long as the object lives, by the clock given."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._notes: dict[str, tuple[datetime, ReplicaNote]] = {}

    async def leave(self, note: ReplicaNote) -> None:
        self._notes[note.replica] = (self._clock.now(), note)

    async def all(self) -> Sequence[ReplicaNote]:
        oldest = self._clock.now() - _FRESH
        return [note for at, note in self._notes.values() if at >= oldest]
