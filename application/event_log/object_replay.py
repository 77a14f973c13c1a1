"""The past of objects, told from the log: as they were, and their changes as they came."""

from collections import OrderedDict
from collections.abc import AsyncIterator

from application.event_log.object_fold import change_of, is_api_object_event, next_view, present
from application.event_log.object_loading import before
from application.event_log.object_streams import key_of, stream_of
from application.event_log.past import Reached
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.object_views import ApiObjectChange, ApiObjectView
from domain.api_object.key import ApiObjectKey

_REMEMBERED = 5_000


async def views_when(
    store: EventStore, belongs: Reached
) -> tuple[dict[ApiObjectKey, ApiObjectView], int]:
    """All objects that existed after the last event that belongs, and that event's position."""
    position = 0
    views: dict[ApiObjectKey, ApiObjectView] = {}
    async for recorded in store.read_all(after=0):
        if not belongs(recorded):
            break
        position = recorded.position
        if is_api_object_event(recorded.event):
            key = key_of(recorded.stream)
            view = present(next_view(views.pop(key, None), recorded))
            if view is not None:
                views[key] = view
    return views, position


async def view_when(
    store: EventStore, key: ApiObjectKey, belongs: Reached
) -> ApiObjectView | None:
    """One object after the last event that belongs; None if there was none."""
    view: ApiObjectView | None = None
    async for recorded in store.read_stream(stream_of(key)):
        if not belongs(recorded):
            break
        view = next_view(view, recorded)
    return present(view)


async def replayed_changes(
    store: EventStore, *, after: int, upto: int
) -> AsyncIterator[ApiObjectChange]:
    """The changes that the events after one position, and up to another, made. Only the
    objects met last are remembered, others are read anew."""
    known = KnownApiObjects(store)
    async for recorded in store.read_all(after=after):
        if recorded.position > upto:
            break
        if is_api_object_event(recorded.event):
            change = await known.changed_by(recorded)
            if change is not None:
                yield change


class KnownApiObjects:
    """Follows objects from event to event; what it does not remember it reads again."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._views: OrderedDict[ApiObjectKey, ApiObjectView | None] = OrderedDict()

    def forget(self) -> None:
        """What follows may begin anywhere."""
        self._views.clear()

    async def changed_by(self, recorded: RecordedEvent) -> ApiObjectChange | None:
        """What the event, which is about an object, did to it; None when nothing."""
        key = key_of(recorded.stream)
        known = key in self._views
        was = self._views[key] if known else await before(self._store, recorded)
        change = change_of(was, recorded)
        self._views[key] = was if change is None else change.after or change.removed
        self._views.move_to_end(key)
        if len(self._views) > _REMEMBERED:
            self._views.popitem(last=False)
        return change
