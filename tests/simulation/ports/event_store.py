"""The EventStore port of one process, over the network."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from application.ports.event_store import (
    CaughtUp,
    EventStoreUnavailable,
    NewEvent,
    RecordedEvent,
    Tip,
)
from tests.simulation.ports.subscription import SimulatedSubscription
from tests.simulation.world.log import SimulatedLog
from tests.simulation.world.network import Network, Peer, Unanswered

T = TypeVar("T")
_Page = Callable[[], Sequence[RecordedEvent]]

PATIENCE = 4.0


class SimulatedEventStore:
    """Reads come in pages of `page` events, each of them as of the moment it was read."""

    def __init__(self, log: SimulatedLog, network: Network, *, page: int) -> None:
        self._log = log
        self._network = network
        self._page = page

    async def append(
        self, stream: str, events: Sequence[NewEvent], *, expected: Tip
    ) -> Sequence[RecordedEvent]:
        if not events:
            return ()
        return await self._ask(lambda: self._log.append(stream, events, expected), repeatable=True)

    def read_stream(
        self, stream: str, *, from_version: int | None = None, backwards: bool = False
    ) -> AsyncIterator[RecordedEvent]:
        def forwards_page(given: RecordedEvent | None) -> Sequence[RecordedEvent]:
            start = (from_version or 1) - 1 if given is None else given.version
            return self._log.stream(stream)[max(0, start) :][: self._page]

        def backwards_page(given: RecordedEvent | None) -> Sequence[RecordedEvent]:
            end = from_version if given is None else given.version - 1
            known = self._log.stream(stream)
            return known[: len(known) if end is None else max(0, end)][::-1][: self._page]

        return _Pages(self._ask, backwards_page if backwards else forwards_page)

    def read_all(self, *, after: int) -> AsyncIterator[RecordedEvent]:
        end: list[int] = []

        def page(given: RecordedEvent | None) -> Sequence[RecordedEvent]:
            end.append(self._log.head)
            start = after if given is None else given.position
            return [one for one in self._log.after(start) if one.position <= end[0]][: self._page]

        return _Pages(self._ask, page)

    def read_back(self) -> AsyncIterator[RecordedEvent]:
        def page(given: RecordedEvent | None) -> Sequence[RecordedEvent]:
            older = self._log.recorded
            if given is not None:
                older = [one for one in older if one.position < given.position]
            return older[::-1][: self._page]

        return _Pages(self._ask, page)

    def subscribe_all(self, *, after: int) -> AsyncIterator[RecordedEvent | CaughtUp]:
        return SimulatedSubscription(self._log, self._network, after=after)

    async def head(self) -> int:
        return await self._ask(lambda: self._log.head)

    async def is_lost(self, position: int) -> bool:
        return await self._ask(lambda: self._log.is_lost(position))

    async def _ask(self, effect: Callable[[], T], *, repeatable: bool = False) -> T:
        try:
            return await self._network.call(
                Peer.LOG, effect, patience=PATIENCE, repeatable=repeatable
            )
        except Unanswered:
            raise EventStoreUnavailable("no answer") from None


class _Pages(AsyncIterator[RecordedEvent]):
    """A reading: page after page, until one is empty."""

    def __init__(
        self,
        ask: Callable[[_Page], Coroutine[Any, Any, Sequence[RecordedEvent]]],
        page: Callable[[RecordedEvent | None], Sequence[RecordedEvent]],
    ) -> None:
        self._ask = ask
        self._page = page
        self._given: RecordedEvent | None = None
        self._left: list[RecordedEvent] = []

    async def __anext__(self) -> RecordedEvent:
        if not self._left:
            self._left = [*(await self._ask(lambda: self._page(self._given)))]
            self._left.reverse()
        if not self._left:
            raise StopAsyncIteration
        self._given = self._left.pop()
        return self._given
