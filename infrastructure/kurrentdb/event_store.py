"""The EventStore port on EventStoreDB or KurrentDB."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

from kurrentdbclient import AsyncKurrentDBClient
from kurrentdbclient import RecordedEvent as ClientRecord
from kurrentdbclient.exceptions import (
    InvalidCommitPositionError,
    NotFoundError,
    WrongCurrentVersionError,
)

from application.ports.clock import Clock
from application.ports.event_store import (
    AppendTooLarge,
    CaughtUp,
    NewEvent,
    RecordedEvent,
    StreamConflict,
    Tip,
)
from infrastructure.codec.chain import SealedEvent, seal
from infrastructure.codec.stored_event import StoredEvent
from infrastructure.kurrentdb.clients import Call, Clients
from infrastructure.kurrentdb.errors import LARGEST_APPEND
from infrastructure.kurrentdb.following import Following
from infrastructure.kurrentdb.log_end import LogEnd
from infrastructure.kurrentdb.reading import InOrder
from infrastructure.kurrentdb.wire import (
    TYPE_PREFIXES,
    expected_revision,
    is_ours,
    size_of,
    to_client,
    to_commit_position,
    to_position,
    to_stored,
    version_of,
)

_FIRST_CHUNK = 8
_STREAM_CHUNK = 100
_LOG_CHUNK = 100


class KurrentDBEventStore:
    """The EventStore contract. Acknowledged means committed by the cluster's leader.

    Positions are the server's commit positions, plus one. What a single event's append gives
    as its time is this process's clock, since the server does not say; every reading gives
    the server's.
    """

    def __init__(self, clients: Clients, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock
        self._end = LogEnd()

    async def append(
        self, stream: str, events: Sequence[NewEvent], *, expected: Tip
    ) -> Sequence[RecordedEvent]:
        if not events:
            return ()
        sealed = seal(stream, events, expected)
        try:
            position = await self._append(stream, sealed, expected)
        except WrongCurrentVersionError as error:
            actual = version_of(error.actual_version)
            earlier = await self._that_follow(expected, stream, len(events))
            if [one.id for one in earlier] == [new.id for new in events]:
                return earlier
            raise StreamConflict(stream, expected.version, actual) from None
        if len(sealed) == 1:
            return (sealed[0].recorded(position, self._clock.now()),)
        return await self._that_follow(expected, stream, len(events))

    async def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        order = InOrder(backwards=backwards)
        start, size = _first_revision(from_version, backwards), _FIRST_CHUNK
        while start is None or start >= 0:
            chunk = await self._stream_chunk(stream, start, limit=size, backwards=backwards)
            for record in chunk:
                yield order.read(to_stored(record))
            if len(chunk) < size:
                return
            start = chunk[-1].stream_position + (-1 if backwards else 1)
            size = _STREAM_CHUNK

    async def read_all(self, *, after: int) -> AsyncIterator[RecordedEvent]:
        order = InOrder()
        async with aclosing(self.read_stored(after=after)) as items:
            async for stored in items:
                yield order.read(stored)

    async def read_stored(self, *, after: int) -> AsyncGenerator[StoredEvent, None]:
        """As `read_all`, undecoded. A subscription that ends at the present end: a server asked
        for events of ours only may be silent for long among those of others, but gives a
        subscription how far it has come."""
        end = await self.head()
        if after >= end:
            return
        async with aclosing(Following(self._clients, self._end, after=after).items()) as items:
            async for item in items:
                if isinstance(item, CaughtUp) or item.position > end:
                    return
                yield item
                if item.position == end:
                    return

    async def read_back(self) -> AsyncIterator[RecordedEvent]:
        order, start = InOrder(backwards=True), None
        while True:
            chunk = await self._log_chunk(start, limit=_LOG_CHUNK, backwards=True)
            for record in filter(is_ours, chunk):
                yield order.read(to_stored(record))
            if len(chunk) < _LOG_CHUNK:
                return
            start = chunk[-1].commit_position

    async def subscribe_all(self, *, after: int) -> AsyncGenerator[RecordedEvent | CaughtUp, None]:
        """See EventStore. Raises EventStoreUnavailable when an interruption lasts."""
        order = InOrder()
        async with aclosing(Following(self._clients, self._end, after=after).items()) as items:
            async for item in items:
                yield item if isinstance(item, CaughtUp) else order.read(item)

    async def head(self) -> int:
        """See EventStore. Looks only at the part of the log that this process does not know."""
        try:
            await (self._look_ahead() if self._end.considered else self._look_back())
        except InvalidCommitPositionError:
            self._end.forget()
            await self._look_back()
        return self._end.head

    async def is_lost(self, position: int) -> bool:
        """See EventStore. The server's log has one time line only."""
        return False

    async def _append(self, stream: str, sealed: Sequence[SealedEvent], expected: Tip) -> int:
        events = [to_client(one) for one in sealed]  # a list: the client may send it again
        if sum(map(size_of, events)) > LARGEST_APPEND:
            raise AppendTooLarge(LARGEST_APPEND)
        revision = expected_revision(expected.version)

        async def append(client: AsyncKurrentDBClient, call: Call) -> int:
            return await client.append_to_stream(
                stream, events=events, current_version=revision, **call
            )

        position = to_position(await self._clients.ask(append, WrongCurrentVersionError))
        self._end.event(position)
        return position

    async def _look_ahead(self) -> None:
        start = to_commit_position(self._end.considered)
        while True:
            chunk = await self._log_chunk(start, limit=_LOG_CHUNK, backwards=False)
            for record in filter(is_ours, chunk):
                self._end.event(to_position(record.commit_position))
            if len(chunk) < _LOG_CHUNK:
                return
            start = chunk[-1].commit_position

    async def _look_back(self) -> None:
        start: int | None = None
        while chunk := await self._log_chunk(start, limit=1, backwards=True):
            if is_ours(chunk[0]):
                self._end.event(to_position(chunk[0].commit_position))
                return
            start = chunk[0].commit_position

    async def _that_follow(self, tip: Tip, stream: str, count: int) -> Sequence[RecordedEvent]:
        order = InOrder()
        chunk = await self._stream_chunk(stream, tip.version, limit=count, backwards=False)
        return [order.read(to_stored(record)) for record in chunk]

    async def _stream_chunk(
        self, stream: str, start: int | None, *, limit: int, backwards: bool
    ) -> Sequence[ClientRecord]:
        async def read(client: AsyncKurrentDBClient, call: Call) -> Sequence[ClientRecord]:
            # Not get_stream(): where another call makes the client connect anew, that one ends
            # early and says nothing, while this response says that it was cancelled.
            response = await client.read_stream(
                stream, stream_position=start, limit=limit, backwards=backwards, **call
            )
            return [record async for record in response]

        try:
            return await self._clients.ask(read, NotFoundError)
        except NotFoundError:
            return ()

    async def _log_chunk(
        self, start: int | None, *, limit: int, backwards: bool
    ) -> Sequence[ClientRecord]:
        async def read(client: AsyncKurrentDBClient, call: Call) -> Sequence[ClientRecord]:
            response = await client.read_all(
                commit_position=start,
                backwards=backwards,
                filter_include=TYPE_PREFIXES,
                filter_by_prefix=True,
                limit=limit,
                **call,
            )
            return [record async for record in response]

        return await self._clients.ask(read, InvalidCommitPositionError)


def _first_revision(from_version: int | None, backwards: bool) -> int | None:
    """Where reading begins; None is the end, and below zero is nowhere."""
    if from_version is None:
        return None if backwards else 0
    return from_version - 1 if backwards else max(0, from_version - 1)
