"""Handing events to subscribers right after their commit. Knows nothing of the file."""

import asyncio
from collections.abc import Sequence

from application.ports.event_store import RecordedEvent


class LiveBuffer:
    """What was committed since one subscriber looked last: bounded, else it fell behind."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._events: list[RecordedEvent] = []
        self._news = asyncio.Event()
        self._fell_behind = False

    def push(self, events: Sequence[RecordedEvent]) -> None:
        """Add the events, or give up when they do not fit."""
        if len(self._events) + len(events) > self._limit:
            self.give_up()
        elif not self._fell_behind:
            self._events.extend(events)
            self._news.set()

    def give_up(self) -> None:
        """Forget everything: the subscriber has to go back to the file."""
        self._fell_behind = True
        self._events.clear()
        self._news.set()

    async def take(self) -> Sequence[RecordedEvent] | None:
        """What has come, as soon as there is something; None when the subscriber fell behind."""
        while not self._events:
            if self._fell_behind:
                return None
            self._news.clear()
            await self._news.wait()
        taken, self._events = self._events, []
        return taken


class LiveFeed:
    """All live buffers. Used on the event loop's thread only."""

    def __init__(self, buffer_limit: int) -> None:
        self._buffer_limit = buffer_limit
        self._buffers: set[LiveBuffer] = set()

    def join(self) -> LiveBuffer:
        """A buffer that receives every event published from now on."""
        buffer = LiveBuffer(self._buffer_limit)
        self._buffers.add(buffer)
        return buffer

    def leave(self, buffer: LiveBuffer) -> None:
        """Let the buffer receive no more."""
        self._buffers.discard(buffer)

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Hand on what has just been committed."""
        for buffer in self._buffers:
            buffer.push(events)

    def resynchronize(self) -> None:
        """Send every subscriber to the file: it may hold more than was published."""
        for buffer in self._buffers:
            buffer.give_up()
