"""Projects recorded events into views, in order, and publishes to the watch feed. It writes only
views."""

import asyncio
from collections.abc import Sequence
from operator import attrgetter

from application.event_log.api_objects import is_api_object_event
from application.event_log.carried_out import carried_out
from application.event_log.inbox import Inbox
from application.event_log.labs import LABS, key_of
from application.event_log.loading import view_before
from application.event_log.merged_changes import merged
from application.event_log.passing import Passing
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.read_model import ReadModel, UnreadableView
from application.ports.views import LabChange, LabInstanceView
from application.projections.object_projection import ApiObjectProjection
from application.projections.origin import claim_views, origin_of
from application.projections.outlasting import Outlasting
from application.projections.watch_feed import WatchFeed
from application.structures.remembered import Remembered
from domain.lab_instance.events import LabInstanceCreated
from domain.lab_instance.key import LabKey

_BATCH = 1000
_REMEMBERED = 20_000
_HEAVIEST = 64 * 1024 * 1024
_CROWD = 16
_GATHERING = 0.04


class Projector:
    """Follows the event store from the read model's checkpoint on.

    Views and checkpoint are written together, in batches as large as have come in while the
    batch before was written; each change reaches the feed after it is in the read model. When
    events come in crowds, larger batches may gather for a moment: they cost each view half as
    much. Whoever waits for the views ends that moment. A read model that refuses is waited for.
    """

    def __init__(
        self,
        store: EventStore,
        read_model: ReadModel,
        feed: WatchFeed,
        *,
        projected: Progress,
        recent: RecentLabs,
        api_objects: ApiObjectProjection,
    ) -> None:
        self._store = store
        self._read_model = read_model
        self._feed = feed
        self._projected = projected
        self._recent = recent
        self._api_objects = api_objects
        self._outlasting = Outlasting(projected)
        self._passing = Passing(after=0)
        self._views: Remembered[LabKey, LabInstanceView] = Remembered(
            _REMEMBERED, weigh=attrgetter("weight"), heaviest=_HEAVIEST
        )

    async def run(self) -> None:
        """Project for ever. Raises what the store and the read model raise; run again then."""
        self._views.clear()
        claimed = await claim_views(self._store, self._read_model)
        start = await self._read_model.position()
        self._feed.begin_at(start)
        self._api_objects.begin_at(start)
        self._projected.advance(start)
        self._passing = Passing(after=start)
        inbox = Inbox(_BATCH)
        pump = asyncio.create_task(inbox.fill(self._store, after=start), name="projector-pump")
        try:
            while True:
                events = await inbox.take(pump)
                if not claimed:
                    await self._read_model.claim(origin_of(events[0]))
                    claimed = True
                await self._write(events)
                # For speed, decision 25.
                if len(events) >= _CROWD:
                    await self._projected.asked_for(within=_GATHERING)
        finally:
            self._projected.hindrance = ""  # whoever comes next has not met it
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def _write(self, events: Sequence[RecordedEvent]) -> None:
        position, commands = events[-1].position, carried_out(events)
        for event in events:
            self._passing.note(event)
        passed = self._passing.taken()
        others = [event for event in events if is_api_object_event(event.event)]
        if others:
            await self._api_objects.take(others)
            await self._outlasting.until_done(self._api_objects.write)
            events = [event for event in events if not is_api_object_event(event.event)]
        changes = [change for event in events if (change := await self._project(event))]
        await self._outlasting.until_done(
            lambda: self._read_model.apply(
                changes, position=position, commands=commands, passed=passed
            )
        )
        self._feed.publish(list(merged(changes)), position=position)
        self._api_objects.publish(position=position)
        self._projected.advance(position)

    async def _project(self, recorded: RecordedEvent) -> LabChange | None:
        if isinstance(recorded.event, LabInstanceCreated):
            key = recorded.event.lab
            before = self._views.peek(key)
        else:
            key = key_of(recorded.stream)
            before = self._views.peek(key) or await self._looked_up(key, recorded)
        folded = self._recent.view_at(key, recorded.position)
        change = LABS.change(key, before, recorded, folded=folded)
        if change is None:
            return None
        if change.after is None:
            self._views.forget(key)
        else:
            self._views.put(key, change.after)
        return change

    async def _looked_up(self, key: LabKey, recorded: RecordedEvent) -> LabInstanceView | None:
        view = await self._outlasting.until_done(lambda: self._readable(key))
        if view is not None and view.resource_version < recorded.position:
            return view
        return await view_before(LABS, self._store, recorded)  # whoever wrote last was further

    async def _readable(self, key: LabKey) -> LabInstanceView | None:
        try:
            return await self._read_model.get(key)
        except UnreadableView:
            return None
