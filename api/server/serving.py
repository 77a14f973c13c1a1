"""Who carries out the exchanges of a connection."""

import asyncio

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class Serving:
    """Asks the application for the answers of one connection, in one task for as long as they come
    one after the other; where one begins before the application is through with the one before, in
    another task. `busy` holds the tasks that are at work.
    """

    # For speed, decision 4: a task for each exchange costs as much as decoding its body.

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        application: ASGI3Application,
        busy: set[asyncio.Task[None]],
    ) -> None:
        self._loop = loop
        self._application = application
        self._busy = busy
        self._resting: asyncio.Task[None] | None = None
        self._next: asyncio.Future[RequestResponseCycle | None] | None = None
        self._ended = False

    def begin(self, exchange: RequestResponseCycle) -> None:
        """Let it be carried out."""
        following, self._next = self._next, None
        if following is None or following.done() or self._resting is None:
            task = self._loop.create_task(self._serve(exchange))
            task.add_done_callback(self._busy.discard)
            self._busy.add(task)
        else:
            self._busy.add(self._resting)
            following.set_result(exchange)

    def end(self) -> None:
        """No other exchange follows; what is under way is carried out to its end."""
        self._ended = True
        following, self._next = self._next, None
        if following is not None and not following.done():
            following.set_result(None)

    async def _serve(self, first: RequestResponseCycle) -> None:
        task = asyncio.current_task(self._loop)
        exchange: RequestResponseCycle | None = first
        del first
        while exchange is not None:
            await exchange.run_asgi(self._application)
            exchange = None
            if self._ended or self._next is not None or task is None or task.cancelling():
                return
            self._busy.discard(task)
            self._resting = task
            self._next = self._loop.create_future()
            exchange = await self._next
