"""Follows the views that another replica writes, and publishes to this one's watchers. It writes
no view."""

import asyncio
from collections import deque
from contextlib import suppress

from application.event_log.closing import closing_early
from application.event_log.labs import LABS
from application.event_log.merged_changes import merged
from application.event_log.progress import Progress
from application.event_log.replay import Replay
from application.ports.event_store import CaughtUp, EventStore
from application.ports.read_model import ReadModel
from application.ports.views import ApiObjectChange, LabChange
from application.projections.object_projection import ApiObjectProjection
from application.projections.origin import claim_views
from application.projections.watch_feed import WatchFeed

_BETWEEN_LOOKS = 0.02
_QUIET = 0.25
_MOST = 5000


class ViewFollower:
    """Folds the log on its own account, and publishes each change once the views have it.

    Polls the views' position every 20 ms while changes wait for it, otherwise every 250 ms.
    """

    def __init__(
        self,
        store: EventStore,
        read_model: ReadModel,
        feed: WatchFeed,
        *,
        projected: Progress,
        api_objects: ApiObjectProjection,
    ) -> None:
        self._store = store
        self._read_model = read_model
        self._feed = feed
        self._projected = projected
        self._api_objects = api_objects
        self._awaited: deque[tuple[int, LabChange | None, ApiObjectChange | None]] = deque()
        self._more = asyncio.Event()
        self._fewer = asyncio.Event()

    async def run(self) -> None:
        """Follow for ever. Raises what the store and the read model raise, and ForeignReadModel or
        ViewsAhead when the views are not of this log; run again then."""
        self._awaited.clear()
        await claim_views(self._store, self._read_model)
        start = await self._read_model.position()
        self._feed.begin_at(start)
        self._api_objects.begin_at(start)
        self._projected.advance(start)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._fold(start), name="follower-fold")
            tasks.create_task(self._look(), name="follower-look")

    async def _fold(self, start: int) -> None:
        replay = Replay(LABS, self._store)
        async with closing_early(self._store.subscribe_all(after=start)) as stream:
            async for item in stream:
                if isinstance(item, CaughtUp):
                    continue
                lab = await replay.change(item)
                self._awaited.append((item.position, lab, await self._api_objects.change(item)))
                self._more.set()
                while len(self._awaited) >= _MOST:
                    self._fewer.clear()
                    await self._fewer.wait()

    async def _look(self) -> None:
        while True:
            position = await self._read_model.position()
            self._publish_up_to(position)
            self._projected.advance(position)
            if self._awaited:
                await asyncio.sleep(_BETWEEN_LOOKS)
                continue
            self._more.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_QUIET):
                    await self._more.wait()

    def _publish_up_to(self, position: int) -> None:
        labs: list[LabChange] = []
        api_objects: list[ApiObjectChange] = []
        reached = 0
        while self._awaited and self._awaited[0][0] <= position:
            reached, lab, api_object = self._awaited.popleft()
            labs += [lab] if lab else []
            api_objects += [api_object] if api_object else []
        if reached:
            self._feed.publish(list(merged(labs)), position=reached)
            self._api_objects.publish_foreign(api_objects, position=reached)
            self._fewer.set()
