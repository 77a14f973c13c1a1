"""Which incarnation of a lab an event belongs to: events tell the name, not the uid."""

from dataclasses import dataclass

from application.ports.event_store import EventStore, RecordedEvent
from application.structures.remembered import Remembered
from domain.lab_instance.events import LabInstanceCreated

_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class _Known:
    """From `first` to `last`, versions of the stream are of this uid."""

    first: int
    last: int
    uid: str


class Incarnations:
    """Asked along a stream, it reads no event twice. Memory is bounded."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._known: Remembered[str, _Known] = Remembered(_REMEMBERED)

    async def uid_of(self, recorded: RecordedEvent) -> str:
        """The uid; empty for what happened before the name was first used."""
        known = await self._found(recorded)
        self._known.put(recorded.stream, known)
        return known.uid

    async def _found(self, recorded: RecordedEvent) -> _Known:
        version, event = recorded.version, recorded.event
        if isinstance(event, LabInstanceCreated):
            return _Known(version, version, event.uid)
        known = self._known.peek(recorded.stream)
        if known is not None and known.first <= version <= known.last:
            return known
        begin, uid = await self._begin(recorded, known)
        return _Known(begin, version, uid)

    async def _begin(self, recorded: RecordedEvent, known: _Known | None) -> tuple[int, str]:
        earlier = recorded.version - 1
        if earlier < 1:
            return recorded.version, ""
        reading = self._store.read_stream(recorded.stream, from_version=earlier, backwards=True)
        async for past in reading:
            if isinstance(past.event, LabInstanceCreated):
                return past.version, past.event.uid
            if known is not None and known.first <= past.version <= known.last:
                return known.first, known.uid
        return 1, ""
