"""Work that can be ended from outside, shard by shard."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class WorkEnded(Exception):
    """The work was ended before it was through."""


class UnderWay:
    """What goes on for each shard."""

    def __init__(self) -> None:
        self._scopes: defaultdict[int, set[asyncio.Timeout]] = defaultdict(set)
        self._fewer = asyncio.Event()

    @asynccontextmanager
    async def work(self, shard: int) -> AsyncIterator[None]:
        """Work for the shard. Raises WorkEnded where it is when it is ended."""
        scope = asyncio.timeout(None)
        try:
            async with scope:
                self._scopes[shard].add(scope)
                yield
        except TimeoutError:
            if scope.expired():
                raise WorkEnded from None
            raise
        finally:
            self._scopes[shard].discard(scope)
            self._fewer.set()

    async def end(self, shard: int, *, within: float) -> None:
        """End all work for the shard; returns when there is none, or after `within` seconds."""
        for scope in self._scopes[shard]:
            if not scope.expired():
                scope.reschedule(asyncio.get_running_loop().time())
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._scopes[shard]:
                    self._fewer.clear()
                    await self._fewer.wait()
