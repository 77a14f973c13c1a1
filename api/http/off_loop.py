"""Work on what clients send that would hold up everybody else: done beside the loop, one piece
after the other, and never more of it than a few."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

from starlette.requests import Request
from starlette.types import Scope

from api.http.refusals import Refusal, TooBusy

T = TypeVar("T")

_OFF_LOOP = "lab.off-loop"
LIGHT = 16 * 1024
"""What weighs no more is done on the spot."""


class OffLoop:
    """One thread for all requests: two would take as much time from the loop as they got done.
    At most `most_waiting` pieces wait, whose clients are there or not."""

    def __init__(self, *, most_waiting: int) -> None:
        self._most_waiting = most_waiting
        self._waiting = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="heavy")

    def note_in(self, scope: Scope) -> None:
        """Let `off_loop` find it."""
        scope[_OFF_LOOP] = self

    async def run(self, weight: int, work: Callable[[], T]) -> T:
        """What `work` returns or raises. Light work, of up to some ten thousand bytes, is done
        on the spot. Raises TooBusy."""
        if weight <= LIGHT:
            return work()
        if self._waiting >= self._most_waiting:
            raise TooBusy
        self._waiting += 1
        future = self._thread.submit(_without_trace, work)
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._done))
        try:
            return await asyncio.wrap_future(future)
        finally:
            del future  # else it and the error in it would keep each other

    def _done(self) -> None:
        self._waiting -= 1


def off_loop(request: Request) -> OffLoop:
    """Where the request's heavy work is done."""
    return cast("OffLoop", request.scope[_OFF_LOOP])


def _without_trace(work: Callable[[], T]) -> T:
    """What `work` returns or raises. A refusal forgets where it was raised, and with it all that
    stood there half read: megabytes, for as long as anybody knows the refusal."""
    try:
        return work()
    except Refusal as refusal:
        raise refusal.with_traceback(None) from None
