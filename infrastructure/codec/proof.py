"""The proof that a history is what was written, over stored bytes and event by event."""

from application.ports.event_store import EMPTY, Tip
from infrastructure.codec.chain import verify
from infrastructure.codec.stored_event import StoredEvent, read_stored


class Proof:
    """Checks a log's events in their order, each along its stream: its place, its hash, and
    that it can be decoded. `events` were found sound so far, up to `position`."""

    def __init__(self) -> None:
        self.events = 0
        self.position = 0
        self._tips: dict[str, Tip] = {}

    @property
    def streams(self) -> int:
        """In how many streams they are."""
        return len(self._tips)

    def add(self, stored: StoredEvent) -> None:
        """Check the next event. Raises BrokenChain, UndecodableEvent."""
        read_stored(stored)
        self._tips[stored.stream] = verify([stored], after=self._tips.get(stored.stream, EMPTY))
        self.events += 1
        self.position = stored.position
