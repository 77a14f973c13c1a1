"""A part of a log that others write to as well, as if it were a whole log of its own."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from uuid import uuid4

from application.ports.event_store import (
    CaughtUp,
    EventStore,
    NewEvent,
    RecordedEvent,
    StreamConflict,
    Tip,
)
from tests.contracts.given import NOON


class OwnPart:
    """The EventStore contract over a server that no test can empty, and whose clock none can set.

    Streams get names nobody else has, position 0 stands for where the log ended at the start,
    and times are left out. Nobody else may write while a test asks where the log ends.
    """

    def __init__(self, inner: EventStore, *, begins_at: int) -> None:
        self._inner = inner
        self._begins_at = begins_at
        self._mark = f"-{uuid4().hex}"

    async def append(
        self, stream: str, events: Sequence[NewEvent], *, expected: Tip
    ) -> Sequence[RecordedEvent]:
        """See EventStore."""
        try:
            recorded = await self._inner.append(stream + self._mark, events, expected=expected)
        except StreamConflict as conflict:
            raise StreamConflict(stream, conflict.expected, conflict.actual) from None
        return [self._told(one) for one in recorded]

    async def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        """See EventStore."""
        name = stream + self._mark
        async for recorded in self._inner.read_stream(
            name, from_version=from_version, backwards=backwards
        ):
            yield self._told(recorded)

    async def read_all(self, *, after: int) -> AsyncIterator[RecordedEvent]:
        """See EventStore."""
        async for recorded in self._inner.read_all(after=after or self._begins_at):
            if recorded.stream.endswith(self._mark):
                yield self._told(recorded)

    async def read_back(self) -> AsyncIterator[RecordedEvent]:
        """See EventStore."""
        async for recorded in self._inner.read_back():
            if recorded.position <= self._begins_at:
                return
            if recorded.stream.endswith(self._mark):
                yield self._told(recorded)

    async def subscribe_all(self, *, after: int) -> AsyncIterator[RecordedEvent | CaughtUp]:
        """See EventStore."""
        async for item in self._inner.subscribe_all(after=after or self._begins_at):
            if isinstance(item, CaughtUp):
                yield item
            elif item.stream.endswith(self._mark):
                yield self._told(item)

    async def head(self) -> int:
        """See EventStore."""
        head = await self._inner.head()
        return head if head > self._begins_at else 0

    async def is_lost(self, position: int) -> bool:
        """See EventStore."""
        return await self._inner.is_lost(position)

    def _told(self, recorded: RecordedEvent) -> RecordedEvent:
        stream = recorded.stream.removesuffix(self._mark)
        return replace(recorded, stream=stream, recorded_at=NOON)
