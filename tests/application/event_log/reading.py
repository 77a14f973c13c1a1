"""An event store that counts what is read of streams."""

from collections.abc import AsyncIterator

from application.ports.event_store import EventStore, RecordedEvent


class CountingReader:
    """Counts the events that are read of streams."""

    def __init__(self, inner: EventStore) -> None:
        self._inner = inner
        self.append = inner.append
        self.read_all = inner.read_all
        self.read_back = inner.read_back
        self.subscribe_all = inner.subscribe_all
        self.head = inner.head
        self.is_lost = inner.is_lost
        self.read = 0

    async def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        """See EventStore."""
        reading = self._inner.read_stream(stream, from_version=from_version, backwards=backwards)
        async for recorded in reading:
            self.read += 1
            yield recorded
