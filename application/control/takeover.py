"""Takes up the labs of a shard that has become ours: looks them up in the views, so that none
waits for something to happen to it."""

import asyncio
from collections.abc import Callable, Collection

from application.control.permits import Permits
from application.control.work_queue import WorkQueue
from application.ports.read_model import ReadModel
from application.replicas.own_labs import OwnLabs
from application.structures.pieces import in_pieces
from domain.lab_instance.key import LabKey

_PAGE = 500
_AT_ONCE = 200
_PATIENCE = 0.1


class Takeover:
    """Enqueues every unsettled lab of each new shard, and counts the attempts under way there
    as permits in use.

    Events that the watcher passed before the shard was open, up to position `watched`, woke
    nobody: what has changed since the labs were looked up is looked up again once the views
    have reached that position.
    """

    def __init__(
        self,
        read_model: ReadModel,
        own: OwnLabs,
        *,
        queue: WorkQueue,
        permits: Permits,
        watched: Callable[[], int],
    ) -> None:
        self._read_model = read_model
        self._own = own
        self._queue = queue
        self._permits = permits
        self._watched = watched
        self._behind: frozenset[int] = frozenset()
        self._until = 0
        self._covered = 0

    @property
    def trouble(self) -> str:
        """What is not done yet, in words."""
        waiting = len(self._own.arrived)
        return f"the labs of {waiting} shards are not looked up yet" if waiting else ""

    async def run(self) -> None:
        """Take up whatever comes, for ever. Raises ReadModelUnavailable; run again then."""
        while True:
            self._own.news.clear()
            self._let_go()
            if arrived := frozenset(self._own.arrived):
                await self._take_up(arrived)
            elif self._behind:
                await self._look_again()
            else:
                await self._own.news.wait()

    async def _take_up(self, shards: frozenset[int]) -> None:
        covered = await self._read_model.position()
        keys = await self._look_up(shards, since=0)
        self._own.open(shards)
        watched = self._watched()
        await self._enqueue(keys)
        if covered < watched:
            self._covered = min(covered, self._covered) if self._behind else covered
            self._behind |= shards
            self._until = watched

    async def _look_again(self) -> None:
        if await self._read_model.position() < self._until:
            await asyncio.sleep(_PATIENCE)
            return
        await self._enqueue(await self._look_up(self._behind, since=self._covered))
        self._behind = frozenset()

    async def _look_up(self, shards: Collection[int], *, since: int) -> Collection[LabKey]:
        """The unsettled labs of these shards with which something happened after `since`."""
        found: list[LabKey] = []
        after: LabKey | None = None
        while True:
            page = await self._read_model.unsettled(after=after, limit=_PAGE)
            for view in page.views:
                after = view.lab.key
                self._own.learn(after, view.lab.uid)
                if self._own.shard(view.lab.uid) not in shards or view.resource_version <= since:
                    continue
                found.append(after)
                if view.lab.attempt_deadline is not None:
                    self._permits.hold(after)
            if not page.more or not page.views:
                return found

    async def _enqueue(self, keys: Collection[LabKey]) -> None:
        async for key in in_pieces(keys, size=_AT_ONCE):
            self._queue.add(key)

    def _let_go(self) -> None:
        """Labs of shards that were left need no permit any more."""
        for key in self._permits.keys:
            if self._own.elsewhere(key):
                self._permits.release(key)
