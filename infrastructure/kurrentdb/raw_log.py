"""The RawLog of a KurrentDB or EventStoreDB."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import groupby

from kurrentdbclient import AsyncKurrentDBClient
from kurrentdbclient import NewEvent as ClientEvent
from kurrentdbclient.exceptions import WrongCurrentVersionError

from application.ports.clock import Clock
from application.ports.event_store import StreamConflict
from infrastructure.codec.stored_event import StoredEvent
from infrastructure.kurrentdb.clients import Call, Clients
from infrastructure.kurrentdb.connection import opened
from infrastructure.kurrentdb.errors import LARGEST_APPEND
from infrastructure.kurrentdb.event_store import KurrentDBEventStore
from infrastructure.kurrentdb.wire import expected_revision, size_of, to_client_again, version_of


class KurrentDBRawLog:
    """The RawLog contract. The order over all streams is that of the appends: each is answered
    before the next, and holds what follows each other in one stream."""

    def __init__(self, clients: Clients, store: KurrentDBEventStore) -> None:
        self._clients = clients
        self._store = store

    def read(self, *, after: int) -> AsyncGenerator[StoredEvent, None]:
        return self._store.read_stored(after=after)

    async def end(self) -> int:
        return await self._store.head()

    async def append(self, events: Sequence[StoredEvent]) -> None:
        for stream, run in groupby(events, key=lambda stored: stored.stream):
            for version, part in _parts(run):
                await self._append(stream, version, part)

    async def _append(self, stream: str, version: int, part: Sequence[ClientEvent]) -> None:
        revision = expected_revision(version)

        async def append(client: AsyncKurrentDBClient, call: Call) -> int:
            return await client.append_to_stream(
                stream, events=part, current_version=revision, **call
            )

        try:
            await self._clients.ask(append, WrongCurrentVersionError)
        except WrongCurrentVersionError as error:
            actual = version_of(error.actual_version)
            raise StreamConflict(stream, version, actual) from None


@asynccontextmanager
async def open_raw_log(uri: str, *, clock: Clock) -> AsyncIterator[KurrentDBRawLog]:
    """The log at an address, until the context ends. Raises UnusableEventStore."""
    async with opened(uri, clock=clock) as (clients, store):
        yield KurrentDBRawLog(clients, store)


def _parts(run: Iterator[StoredEvent]) -> Iterator[tuple[int, Sequence[ClientEvent]]]:
    """What a server takes at once, each with the version that it follows."""
    part: list[ClientEvent] = []
    version = size = 0
    for stored in run:
        event = to_client_again(stored)
        if part and size + size_of(event) > LARGEST_APPEND // 2:
            yield version, part
            part, size = [], 0
        version = version if part else stored.version - 1
        part.append(event)
        size += size_of(event)
    yield version, part
