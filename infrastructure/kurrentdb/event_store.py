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
from infrastructure.kurrentdb.epochs import Epoch, Epochs, KnownEpochs, number_of
from infrastructure.kurrentdb.errors import LARGEST_APPEND
from infrastructure.kurrentdb.following import Following
from infrastructure.kurrentdb.log_chunks import is_a_place, log_chunk
from infrastructure.kurrentdb.log_end import LogEnd
from infrastructure.kurrentdb.reading import InOrder
from infrastructure.kurrentdb.wire import (
    expected_revision,
    is_ours,
    size_of,
    to_client,
    to_stored,
    version_of,
)

_FIRST_CHUNK = 8
_STREAM_CHUNK = 100
_LOG_CHUNK = 100


class KurrentDBEventStore:
    """The EventStore contract. Acknowledged means committed by the cluster's leader.

    Positions are the server's commit positions, plus one, with the epoch above them. What a
    single event's append gives as its time is this process's clock, since the server does not
    say; every reading gives the server's.
    """

    def __init__(self, clients: Clients, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock
        self._end = LogEnd()
        self._epochs = KnownEpochs(clients)

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
        order, epochs = InOrder(backwards=backwards), await self._epochs.present()
        start, size = _first_revision(from_version, backwards), _FIRST_CHUNK
        while start is None or start >= 0:
            chunk = await self._stream_chunk(stream, start, limit=size, backwards=backwards)
            for record in chunk:
                yield order.read(_stored(record, epochs))
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
        async with aclosing(self._following(after).items()) as items:
            async for item in items:
                if isinstance(item, CaughtUp) or item.position > end:
                    return
                yield item
                if item.position == end:
                    return

    async def read_back(self) -> AsyncIterator[RecordedEvent]:
        order, start = InOrder(backwards=True), None
        epochs = await self._epochs.present()
        while True:
            chunk = await log_chunk(self._clients, start, limit=_LOG_CHUNK, backwards=True)
            for record in filter(is_ours, chunk):
                yield order.read(_stored(record, epochs))
            if len(chunk) < _LOG_CHUNK:
                return
            start = chunk[-1].commit_position

    async def subscribe_all(self, *, after: int) -> AsyncGenerator[RecordedEvent | CaughtUp, None]:
        """See EventStore. Raises EventStoreUnavailable when an interruption lasts."""
        order = InOrder()
        async with aclosing(self._following(after).items()) as items:
            async for item in items:
                yield item if isinstance(item, CaughtUp) else order.read(item)

    async def head(self) -> int:
        """See EventStore. Looks only at the part of the log that this process does not know."""
        try:
            await (self._look_ahead() if self._end.considered else self._look_back())
        except InvalidCommitPositionError:
            self._end.forget()
            await self._epochs.anew()
            await self._look_back()
        return self._end.head

    async def is_lost(self, position: int) -> bool:
        """See EventStore. Beside what another epoch gave, the server has no record at most places
        that another log would have given."""
        epochs = await self._epochs.present()
        if not epochs.hold(position):
            return True
        if position in (self._end.head, self._end.considered):
            return False
        return not await is_a_place(self._clients, epochs.commit_position_of(position))

    async def begin_epoch(self, *, given: int, reason: str) -> int:
        """Number all events anew, in an epoch later than that of the position `given` and than any
        that the log knows of; the number of it. Where a server that was set back left the old time
        line cannot be known, and it may have gone on since: so every position that was given
        before is lost, save the first event's, by which the log is known. No service may work on
        it meanwhile. Raises EventStoreError."""
        known = await self._epochs.anew()
        number, follows, begins = max(known.present, number_of(given)) + 1, 0, 0
        async with aclosing(self.read_stored(after=0)) as log:
            async for first in log:
                follows = first.position
                begins = (known.commit_position_of(follows) or 0) + 1
                break
        epoch = Epoch(number=number, begins=begins, follows=follows)
        await self._epochs.begin(epoch, reason=reason)
        self._end.forget()
        return number

    def _following(self, after: int) -> Following:
        return Following(self._clients, self._end, self._epochs, after=after)

    async def _append(self, stream: str, sealed: Sequence[SealedEvent], expected: Tip) -> int:
        events = [to_client(one) for one in sealed]  # a list: the client may send it again
        if sum(map(size_of, events)) > LARGEST_APPEND:
            raise AppendTooLarge(LARGEST_APPEND)
        revision = expected_revision(expected.version)

        async def append(client: AsyncKurrentDBClient, call: Call) -> int:
            return await client.append_to_stream(
                stream, events=events, current_version=revision, **call
            )

        commit_position = await self._clients.ask(append, WrongCurrentVersionError)
        position = (await self._epochs.present()).position_of(commit_position)
        self._end.event(position)
        return position

    async def _look_ahead(self) -> None:
        epochs = await self._epochs.present()
        start = epochs.commit_position_of(self._end.considered)
        while True:
            chunk = await log_chunk(self._clients, start, limit=_LOG_CHUNK, backwards=False)
            for record in filter(is_ours, chunk):
                self._end.event(epochs.position_of(record.commit_position))
            if len(chunk) < _LOG_CHUNK:
                return
            start = chunk[-1].commit_position

    async def _look_back(self) -> None:
        start: int | None = None
        epochs = await self._epochs.present()
        while chunk := await log_chunk(self._clients, start, limit=1, backwards=True):
            if is_ours(chunk[0]):
                self._end.event(epochs.position_of(chunk[0].commit_position))
                return
            start = chunk[0].commit_position

    async def _that_follow(self, tip: Tip, stream: str, count: int) -> Sequence[RecordedEvent]:
        order, epochs = InOrder(), await self._epochs.present()
        chunk = await self._stream_chunk(stream, tip.version, limit=count, backwards=False)
        return [order.read(_stored(record, epochs)) for record in chunk]

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


def _stored(record: ClientRecord, epochs: Epochs) -> StoredEvent:
    return to_stored(record, epochs.position_of(record.commit_position))


def _first_revision(from_version: int | None, backwards: bool) -> int | None:
    """Where reading begins; None is the end, and below zero is nowhere."""
    if from_version is None:
        return None if backwards else 0
    return from_version - 1 if backwards else max(0, from_version - 1)
