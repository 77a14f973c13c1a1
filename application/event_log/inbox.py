"""What a subscription delivered and nobody has taken yet: bounded, taken in batches."""

import asyncio
from collections.abc import Sequence

from application.ports.event_store import CaughtUp, EventStore, RecordedEvent


class Inbox:
    """Holds at most about `capacity` events; the subscription waits while it is full."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._events: list[RecordedEvent] = []
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()

    async def fill(self, store: EventStore, *, after: int) -> None:
        """Take in what follows the position, for ever. Raises what ends the subscription."""
        try:
            async for item in store.subscribe_all(after=after):
                if isinstance(item, CaughtUp):
                    continue
                self._events.append(item)
                self._filled.set()
                if len(self._events) >= self._capacity:
                    self._emptied.clear()
                    await self._emptied.wait()
        finally:
            self._filled.set()  # nothing more will come: whoever waits must learn it

    async def take(self, pump: asyncio.Task[None]) -> Sequence[RecordedEvent]:
        """All that came in; waits for something. `pump` is the task that fills. Raises what
        ended the subscription."""
        while not self._events:
            if pump.done():
                pump.result()
                raise EndedSubscription
            self._filled.clear()
            await self._filled.wait()
        taken, self._events = self._events, []
        self._emptied.set()
        return taken


class EndedSubscription(Exception):
    """A subscription ended without an error, which it never should."""

    def __init__(self) -> None:
        super().__init__("the subscription to the event store ended by itself")
