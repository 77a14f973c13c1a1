"""An event store around another one that has the troubles of real ones on demand."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from application.ports.event_store import (
    CaughtUp,
    EventStore,
    EventStoreUnavailable,
    NewEvent,
    RecordedEvent,
    Tip,
    UndecodableEvent,
)


class TroubledEventStore:
    """Passes everything on, but for the troubles switched on.

    `outage`: when not empty, every call raises EventStoreUnavailable.
    `undecodable`: positions that no reader of the whole log gets past.
    `unreadable`: streams that cannot be read.
    `lost`: positions of a time line that the log has left.
    `silent`: subscriptions deliver nothing new and do not say so.
    `cut` breaks all open subscriptions. `subscribed` tells where they began.
    """

    def __init__(self, inner: EventStore, *, pushes: bool = True) -> None:
        self._inner = inner
        self._pushes = pushes
        self._cut = asyncio.Event()
        self.outage = ""
        self.undecodable: set[int] = set()
        self.unreadable: set[str] = set()
        self.lost: set[int] = set()
        self.silent = False
        self.subscribed: list[int] = []

    def cut(self) -> None:
        """Break every open subscription."""
        self._cut.set()
        self._cut = asyncio.Event()

    async def append(
        self, stream: str, events: Sequence[NewEvent], *, expected: Tip
    ) -> Sequence[RecordedEvent]:
        """See EventStore."""
        self._suffer()
        return await self._inner.append(stream, events, expected=expected)

    async def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        """See EventStore."""
        self._suffer()
        if stream in self.unreadable:
            raise UndecodableEvent(1, stream, "unknown", "no such event is known")
        reading = self._inner.read_stream(stream, from_version=from_version, backwards=backwards)
        async for recorded in reading:
            yield recorded

    async def read_all(self, *, after: int) -> AsyncIterator[RecordedEvent]:
        """See EventStore."""
        self._suffer()
        async for recorded in self._inner.read_all(after=after):
            self._decode(recorded)
            yield recorded

    async def read_back(self) -> AsyncIterator[RecordedEvent]:
        """See EventStore."""
        self._suffer()
        async for recorded in self._inner.read_back():
            self._decode(recorded)
            yield recorded

    async def subscribe_all(self, *, after: int) -> AsyncIterator[RecordedEvent | CaughtUp]:
        """See EventStore."""
        assert self._pushes, "this store cannot push"
        self._suffer()
        self.subscribed.append(after)
        live = aiter(self._inner.subscribe_all(after=after))
        broken = asyncio.create_task(_happened(self._cut))
        try:
            while True:
                item = await self._next(live, broken)
                if isinstance(item, RecordedEvent):
                    self._decode(item)
                yield item
        finally:
            broken.cancel()

    async def head(self) -> int:
        """See EventStore."""
        self._suffer()
        return await self._inner.head()

    async def is_lost(self, position: int) -> bool:
        """See EventStore."""
        self._suffer()
        return position in self.lost or await self._inner.is_lost(position)

    async def _next(
        self, live: AsyncIterator[RecordedEvent | CaughtUp], broken: asyncio.Task[None]
    ) -> RecordedEvent | CaughtUp:
        following = asyncio.create_task(_following(live))
        try:
            await asyncio.wait([following, broken], return_when=asyncio.FIRST_COMPLETED)
            if following.done() and self.silent:
                await broken
            if broken.done():
                raise EventStoreUnavailable("the connection was cut")
            return following.result()
        finally:
            if following.cancel():
                await asyncio.wait([following])

    def _suffer(self) -> None:
        if self.outage:
            raise EventStoreUnavailable(self.outage)

    def _decode(self, recorded: RecordedEvent) -> None:
        if recorded.position in self.undecodable:
            raise UndecodableEvent(
                recorded.position, recorded.stream, recorded.type, "no such event is known"
            )


async def _happened(event: asyncio.Event) -> None:
    await event.wait()


async def _following(
    live: AsyncIterator[RecordedEvent | CaughtUp],
) -> RecordedEvent | CaughtUp:
    return await anext(live)
