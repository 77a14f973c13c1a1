"""A subscription that outlives interruptions: it goes on where it was, or says that it cannot."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress

from kurrentdbclient import CaughtUp as ClientCaughtUp
from kurrentdbclient import Checkpoint, FellBehind
from kurrentdbclient import RecordedEvent as ClientRecord

from application.ports.event_store import CaughtUp, EventStoreUnavailable
from infrastructure.codec.stored_event import StoredEvent
from infrastructure.kurrentdb.clients import Clients, PassingTrouble, pause_before
from infrastructure.kurrentdb.epochs import Epochs, KnownEpochs
from infrastructure.kurrentdb.errors import CLIENT_ERRORS, is_of_place
from infrastructure.kurrentdb.log_chunks import is_a_place
from infrastructure.kurrentdb.log_end import LogEnd
from infrastructure.kurrentdb.wire import (
    TYPE_PREFIXES,
    is_ours,
    to_stored,
)

log = logging.getLogger(__name__)
_LAST_PLACE = 2**63 - 1


class NeverCaughtUp(PassingTrouble):
    """The server confirms a subscription, and then neither delivers nor says that it has
    delivered everything."""

    def __init__(self) -> None:
        super().__init__("it does not say when a subscription has caught up")


class Following:
    """All events of ours after a position, for ever, without gap or repetition.

    An interruption is bridged while it is shorter than the clients' patience, from the last
    position the server has given: that of an event, or a checkpoint between events of others.
    """

    def __init__(self, clients: Clients, end: LogEnd, known: KnownEpochs, *, after: int) -> None:
        """`end` learns of what is seen."""
        self._clients = clients
        self._end = end
        self._known = known
        self._epochs = Epochs()
        self._position = max(0, after)
        self._start = self._position
        self._live = False
        self._failures = 0
        self._lost_at: float | None = None

    async def items(self) -> AsyncGenerator[StoredEvent | CaughtUp, None]:
        """What comes. Raises EventStoreUnavailable, and UndecodableEvent at an alien event."""
        self._lost_at = asyncio.get_running_loop().time()
        while True:
            try:
                async with aclosing(self._attached()) as records:
                    async for record in records:
                        before = self._position
                        item = self._taken(record)
                        if item is not None or self._position > before:
                            self._failures, self._lost_at = 0, None
                        if item is not None:
                            yield item
                trouble: EventStoreUnavailable = PassingTrouble("it has ended the subscription")
            except EventStoreUnavailable as error:
                place = self._epochs.commit_position_of(self._start)
                if is_of_place(error) and not await is_a_place(self._clients, place):
                    self._start = 0  # no event ever had that position: what is before is skipped
                    continue
                if not isinstance(error, PassingTrouble):
                    raise
                trouble = error
            self._live = False
            await self._pause(trouble)
            self._start = self._position

    async def _attached(self) -> AsyncGenerator[ClientRecord, None]:
        """One attempt, with a client of its own. No `async with` around the subscription:
        inside one, a broken stream ends as if it were complete."""
        clients, self._epochs = self._clients, await self._known.present()
        async with clients.own() as client:
            with clients.understanding():
                try:
                    async with asyncio.timeout(clients.patience / 2):
                        subscription = await client.subscribe_to_all(
                            commit_position=self._epochs.commit_position_of(self._start),
                            filter_include=TYPE_PREFIXES,
                            filter_by_prefix=True,
                            include_checkpoints=True,
                            include_caught_up=True,
                            include_fell_behind=True,
                            credentials=clients.credentials,
                        )
                except TimeoutError:
                    raise PassingTrouble("it does not confirm a subscription") from None
                try:
                    while (record := await self._next(subscription)) is not None:
                        yield record
                finally:
                    with suppress(*CLIENT_ERRORS):
                        await subscription.stop()

    async def _next(self, subscription: AsyncIterator[ClientRecord]) -> ClientRecord | None:
        """None when there is no other. Within the history a server always has something to
        send; when live it may be silent for as long as nothing happens."""
        try:
            async with asyncio.timeout(None if self._live else self._clients.patience):
                return await anext(subscription, None)
        except TimeoutError:
            raise NeverCaughtUp from None

    def _taken(self, record: ClientRecord) -> StoredEvent | CaughtUp | None:
        """What is to be passed on. When live, a checkpoint says that nothing of ours has come
        for long, which is news for whoever keeps a position."""
        if isinstance(record, (ClientCaughtUp, FellBehind)):
            self._live = isinstance(record, ClientCaughtUp)
        if isinstance(record, (ClientCaughtUp, FellBehind, Checkpoint)):
            # Servers before 24.10.5 give it with Checkpoint only; those of 24 give -1, which is
            # the largest number there, where they have delivered nothing yet.
            if record.commit_position and record.commit_position <= _LAST_PLACE:
                position = self._epochs.position_of(record.commit_position)
                self._end.nothing(after=self._position, upto=position)
                self._position = max(self._position, position)
            return CaughtUp(position=self._position) if self._live else None
        if not is_ours(record):
            return None
        position = self._epochs.position_of(record.commit_position)
        if position <= self._position:
            return None
        stored = to_stored(record, position)
        self._position = stored.position
        self._end.event(stored.position)
        return stored

    async def _pause(self, trouble: EventStoreUnavailable) -> None:
        now = asyncio.get_running_loop().time()
        self._failures += 1
        self._lost_at = now if self._lost_at is None else self._lost_at
        pause = pause_before(self._failures)
        if now + pause - self._lost_at > self._clients.patience:
            raise trouble
        fields = {"position": self._position, "error": trouble.reason}
        log.info("the event store broke a subscription, which begins again", extra=fields)
        await asyncio.sleep(pause)
