"""Work on one lab never overlaps, and goes on when the one who asked for it gives up."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from weakref import WeakValueDictionary

_Result = TypeVar("_Result")


class OneAtATime:
    """Runs work by key. A cancelled caller's work is finished before the next of that key."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, key: str, work: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        """Do the work when all earlier work of the key is done, and return what it returns."""
        task = asyncio.create_task(self._locked(key, work))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait for all work that was begun; failures are those of the callers."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _locked(self, key: str, work: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            return await work()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # looked at here, in case the caller has given up
