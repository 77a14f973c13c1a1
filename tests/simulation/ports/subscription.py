"""A subscription of one process: in order, but each at its own pace, and it may break."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from application.ports.event_store import CaughtUp, EventStoreUnavailable, RecordedEvent
from tests.simulation.engine.process import running_process
from tests.simulation.world.log import SimulatedLog
from tests.simulation.world.network import Network, Peer

_LOOKS_AGAIN = 0.5


class SimulatedSubscription(AsyncIterator[RecordedEvent | CaughtUp]):
    """Delivers what is stored, says so, and goes on with what comes.

    Whatever was added until a delivery travels together with it; so two subscriptions deliver
    the same events at different moments and in different portions. While its process does not
    reach the log nothing comes; a refusal breaks it.
    """

    def __init__(self, log: SimulatedLog, network: Network, *, after: int) -> None:
        process = running_process()
        assert process is not None, "only processes subscribe"
        self._process = process
        self._log = log
        self._network = network
        self._sent = after
        self._caught_up = False
        self._under_way = False
        self._items: deque[RecordedEvent | CaughtUp] = deque()
        self._news: asyncio.Future[None] | None = None
        self._broken = False
        self._closed = False
        log.listeners.append(self._more)
        log.followed_from(after)
        self._more()

    async def __anext__(self) -> RecordedEvent | CaughtUp:
        while not self._items:
            if self._broken:
                raise EventStoreUnavailable("the subscription broke")
            if self._closed:
                raise StopAsyncIteration
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        return self._items.popleft()

    async def aclose(self) -> None:
        """Let go of it."""
        self._close()

    def _more(self) -> None:
        if not self._process.alive:
            self._close()
        elif not self._under_way:
            self._under_way = True
            self._network.later(self._network.delay(), self._deliver)

    def _deliver(self) -> None:
        self._under_way = False
        if self._closed or not self._process.alive:
            self._close()
            return
        refused = self._network.weather.cut.get((self._process.name, Peer.LOG))
        if refused:
            self._broken = True
            self._close()
        elif refused is not None:
            self._under_way = True
            self._network.later(_LOOKS_AGAIN, self._deliver)
            return
        else:
            self._take_over()
        self._wake()

    def _take_over(self) -> None:
        for recorded in self._log.after(self._sent):
            self._items.append(recorded)
            self._sent = recorded.position
        if not self._caught_up:
            self._caught_up = True
            self._items.append(CaughtUp(position=self._sent))

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def _close(self) -> None:
        self._closed = True
        if self._more in self._log.listeners:
            self._log.listeners.remove(self._more)
