"""Turns what is recorded of objects into their views, for the projector."""

from collections.abc import Sequence

from application.commands.open_namespaces import OpenNamespaces
from application.event_log.api_objects import API_OBJECTS
from application.event_log.replay import Replay
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.objects import ApiObjects
from application.ports.views import ApiObjectChange
from application.projections.watch_feed import ApiObjectFeed
from domain.api_object.key import ApiObjectKind


class ApiObjectProjection:
    """The projector's hand for objects: it writes them before the checkpoint moves, and
    tells the feed afterwards."""

    def __init__(
        self,
        store: EventStore,
        api_objects: ApiObjects,
        feed: ApiObjectFeed,
        namespaces: OpenNamespaces,
    ) -> None:
        self._known = Replay(API_OBJECTS, store)
        self._api_objects = api_objects
        self._feed = feed
        self._namespaces = namespaces
        self._changes: list[ApiObjectChange] = []

    def begin_at(self, position: int) -> None:
        """What comes next follows this position."""
        self._known.forget()
        self._changes.clear()
        self._feed.begin_at(position)

    async def change(self, recorded: RecordedEvent) -> ApiObjectChange | None:
        """What the event did to an object; None when nothing."""
        return await self._known.change(recorded)

    async def write(self, events: Sequence[RecordedEvent]) -> None:
        """Write what these events, all of them about objects, lead to."""
        for recorded in events:
            change = await self.change(recorded)
            if change is not None:
                self._changes.append(change)
                self._close(change)
        await self._api_objects.apply(self._changes)

    def publish(self, *, position: int) -> None:
        """Tell what was written; everything up to `position` is."""
        self._feed.publish(self._changes, position=position)
        self._changes = []

    def tell(self, changes: Sequence[ApiObjectChange], *, position: int) -> None:
        """Tell of changes that another process has written."""
        for change in changes:
            self._close(change)
        self._feed.publish(changes, position=position)

    def _close(self, change: ApiObjectChange) -> None:
        now = change.after.api_object if change.after else None
        leaves = now is None or now.removal_requested_at is not None
        if change.key.kind is ApiObjectKind.NAMESPACE and leaves:
            self._namespaces.close(change.key.name)
