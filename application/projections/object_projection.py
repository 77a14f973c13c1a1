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
    """Projects API objects for the projector: writes their views before the checkpoint moves,
    and publishes the changes afterwards."""

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

    async def take(self, events: Sequence[RecordedEvent]) -> None:
        """Work out what these events, all of them about objects, lead to."""
        for recorded in events:
            change = await self.change(recorded)
            if change is not None:
                self._changes.append(change)
                self._close(change)

    async def write(self) -> None:
        """Write what the events taken lead to; a repeat is harmless."""
        if self._changes:
            await self._api_objects.apply(self._changes)

    def publish(self, *, position: int) -> None:
        """Publish the changes written so far; everything up to `position` is written."""
        self._feed.publish(self._changes, position=position)
        self._changes = []

    def publish_foreign(self, changes: Sequence[ApiObjectChange], *, position: int) -> None:
        """Publish changes that another process has written."""
        for change in changes:
            self._close(change)
        self._feed.publish(changes, position=position)

    def _close(self, change: ApiObjectChange) -> None:
        now = change.after.api_object if change.after else None
        leaves = now is None or now.removal_requested_at is not None
        if change.key.kind is ApiObjectKind.NAMESPACE and leaves:
            self._namespaces.close(change.key.name)
