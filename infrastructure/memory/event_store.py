"""Streams in memory, with the very bytes' hash chain that the durable stores write."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import UTC, datetime

from application.ports.clock import Clock
from application.ports.event_store import (
    CaughtUp,
    NewEvent,
    RecordedEvent,
    StreamConflict,
    Tip,
)
from infrastructure.codec.chain import seal

_START = datetime(1970, 1, 1, tzinfo=UTC)


class MemoryEventStore:
    """The EventStore contract, for one event loop and as long as the object lives."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._log: list[RecordedEvent] = []
        self._streams: dict[str, list[RecordedEvent]] = {}
        self._waiting: list[asyncio.Event] = []

    async def append(
        self, stream: str, events: Sequence[NewEvent], *, expected: Tip
    ) -> Sequence[RecordedEvent]:
        if not events:
            return ()
        sealed = seal(stream, events, expected)
        known = self._streams.get(stream, [])
        if len(known) != expected.version:
            return _earlier_result(stream, known, events, expected.version)
        at = max(self._clock.now(), self._log[-1].recorded_at if self._log else _START)
        first = len(self._log) + 1
        recorded = [one.recorded(position, at) for position, one in enumerate(sealed, first)]
        self._streams.setdefault(stream, []).extend(recorded)
        self._log.extend(recorded)
        self._wake_subscribers()
        return recorded

    async def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        known = self._streams.get(stream, [])
        if backwards:
            start = len(known) if from_version is None else max(0, min(from_version, len(known)))
            wanted = known[:start][::-1]
        else:
            wanted = known[max(0, (from_version or 1) - 1) :]
        for recorded in wanted:
            yield recorded

    async def read_all(self, *, after: int) -> AsyncIterator[RecordedEvent]:
        end = len(self._log)
        for index in range(max(0, after), end):
            yield self._log[index]

    async def read_back(self) -> AsyncIterator[RecordedEvent]:
        for index in range(len(self._log) - 1, -1, -1):
            yield self._log[index]

    async def subscribe_all(self, *, after: int) -> AsyncGenerator[RecordedEvent | CaughtUp, None]:
        """See EventStore. A subscriber here never falls behind: the log itself is its buffer."""
        position = max(0, after)
        caught_up = False
        while True:
            while position < len(self._log):
                position += 1
                yield self._log[position - 1]
            if not caught_up:
                caught_up = True
                yield CaughtUp(position=position)
            if position >= len(self._log):
                await self._news()

    async def head(self) -> int:
        return len(self._log)

    async def is_lost(self, position: int) -> bool:
        """See EventStore. Nothing here outlives the process, so nothing is put back."""
        return False

    async def _news(self) -> None:
        news = asyncio.Event()
        self._waiting.append(news)
        await news.wait()

    def _wake_subscribers(self) -> None:
        for news in self._waiting:
            news.set()
        self._waiting.clear()


def _earlier_result(
    stream: str, known: Sequence[RecordedEvent], events: Sequence[NewEvent], expected: int
) -> Sequence[RecordedEvent]:
    recorded = known[expected : expected + len(events)]
    if [one.id for one in recorded] == [new.id for new in events]:
        return recorded
    raise StreamConflict(stream, expected, len(known))
