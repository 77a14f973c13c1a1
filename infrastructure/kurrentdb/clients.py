"""Clients of one server: made with what they need to notice outages, asked within bounds."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from typing import Any, TypedDict, TypeVar

import grpc
from kurrentdbclient import AsyncKurrentDBClient
from kurrentdbclient.common import BasicAuthCallCredentials

from application.ports.event_store import EventStoreUnavailable
from infrastructure.kurrentdb.address import Address
from infrastructure.kurrentdb.errors import CLIENT_ERRORS, described, may_pass, translated

T = TypeVar("T")
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_CHANNEL_OPTIONS = (
    # A subscription may be silent for hours; by default it is asked for signs of life twice.
    ("grpc.http2.max_pings_without_data", 0),
    # After an outage waiting is ours: a channel of its own accord would pause up to 2 minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.use_local_subchannel_pool", 1),
)


class Call(TypedDict):
    """What every call is given: the seconds it may take, and who asks."""

    timeout: float
    credentials: grpc.CallCredentials | None


Question = Callable[[AsyncKurrentDBClient, Call], Coroutine[Any, Any, T]]


class StoreClosed(EventStoreUnavailable):
    """This process has closed it."""

    def __init__(self) -> None:
        super().__init__("it has been closed")


class Clients:
    """For one event loop. `patience`: for how many seconds a question is asked, at most."""

    def __init__(self, address: Address, *, patience: float) -> None:
        self._address = address
        self._open: set[AsyncKurrentDBClient] = set()
        self._shared: AsyncKurrentDBClient | None = None
        self._asking: set[asyncio.Task[Any]] = set()
        self._closed = False
        self.patience = patience
        self.credentials: grpc.CallCredentials | None = None
        if address.user and address.password:
            plugin = BasicAuthCallCredentials(address.user, address.password)
            self.credentials = grpc.metadata_call_credentials(plugin)

    async def ask(self, question: Question[T], *answers: type[Exception]) -> T:
        """The answer to a question that may be asked again and again.

        `answers`: the client's errors that the caller understands. Raises these, and
        EventStoreError.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.patience
        trouble = f"it has not answered within {self.patience:g} s"
        for attempt in count(1):
            asked = self._asked(question)
            await asyncio.wait({asked}, timeout=max(0, deadline - loop.time()))
            if not asked.done():
                break
            try:
                with self.understanding(*answers):
                    return asked.result()
            except PassingTrouble as error:
                trouble = error.reason
            pause = pause_before(attempt)
            if loop.time() + pause > deadline:
                break
            await asyncio.sleep(pause)
        raise EventStoreUnavailable(trouble)

    @asynccontextmanager
    async def own(self) -> AsyncIterator[AsyncKurrentDBClient]:
        """A client for one purpose: when it loses its connection, the others do not notice."""
        client = self._made()
        try:
            yield client
        finally:
            await self._discard(client)

    async def close(self) -> None:
        """End every call and every subscription, and begin no other."""
        self._closed = True
        await asyncio.gather(*map(self._discard, tuple(self._open)))

    @contextmanager
    def understanding(self, *answers: type[Exception]) -> Iterator[None]:
        """Turns the client's errors, but for `answers`, into PassingTrouble or another
        EventStoreError."""
        cancelled_before = _times_cancelled()
        try:
            yield
        except AttributeError as error:
            if not self._closed:
                raise
            raise StoreClosed from error  # what a closed client says
        except CLIENT_ERRORS as error:
            if _times_cancelled() > cancelled_before:
                raise asyncio.CancelledError from error  # the client has swallowed it
            if self._closed:
                raise StoreClosed from error
            if isinstance(error, answers):
                raise
            if may_pass(error):
                raise PassingTrouble(described(error)) from error
            raise translated(error) from error

    def _asked(self, question: Question[T]) -> asyncio.Task[T]:
        """One attempt, which ends by its own time limit and is never cancelled: a call of gRPC
        that is cancelled while it begins stays open for as long as its channel."""
        if self._shared is None:
            self._shared = self._made()
        call = Call(timeout=self.patience / 2, credentials=self.credentials)
        asked = asyncio.create_task(question(self._shared, call))
        self._asking.add(asked)
        asked.add_done_callback(self._forget)
        return asked

    def _forget(self, asked: asyncio.Task[Any]) -> None:
        self._asking.discard(asked)
        if not asked.cancelled():
            asked.exception()  # nobody may be waiting for it any more

    def _made(self) -> AsyncKurrentDBClient:
        if self._closed:
            raise StoreClosed
        client = AsyncKurrentDBClient(self._address.uri)
        client.grpc_options += _CHANNEL_OPTIONS
        self._open.add(client)
        return client

    async def _discard(self, client: AsyncKurrentDBClient) -> None:
        self._open.discard(client)
        with suppress(*CLIENT_ERRORS):
            await client.close()


class PassingTrouble(EventStoreUnavailable):
    """The same call may succeed in a moment."""


def pause_before(attempt: int) -> float:
    """How long to wait after so many attempts in a row."""
    return min(_FIRST_PAUSE * 2.0 ** min(attempt, 10), _LONGEST_PAUSE)


def _times_cancelled() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0
