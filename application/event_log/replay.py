"""The past, told from the log: labs as they were, and changes as they came."""

from collections import OrderedDict
from collections.abc import AsyncGenerator

from application.event_log.fold import next_view, project
from application.event_log.loading import folded
from application.event_log.merged_changes import merging
from application.event_log.object_fold import is_api_object_event
from application.event_log.past import Reached
from application.event_log.streams import key_of
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.views import LabInstanceView, ViewChange
from domain.lab_instance.events import LabInstanceCreated
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState

_REMEMBERED = 5_000


async def views_when(
    store: EventStore, belongs: Reached
) -> tuple[dict[LabKey, LabInstanceView], int]:
    """All labs that existed after the last event that belongs, and that event's position.

    Reads the log up to there."""
    position = 0
    views: dict[LabKey, LabInstanceView] = {}
    async for recorded in store.read_all(after=0):
        if not belongs(recorded):
            break
        position = recorded.position
        if is_api_object_event(recorded.event):
            continue
        key = key_of(recorded.stream)
        view = next_view(views.get(key), recorded)
        if view is None or view.lab.state is LabState.DELETED:
            views.pop(key, None)
        else:
            views[key] = view
    return views, position


async def view_when(store: EventStore, stream: str, belongs: Reached) -> LabInstanceView | None:
    """The lab of one stream after the last event that belongs; None if there was none."""
    view: LabInstanceView | None = None
    async for recorded in store.read_stream(stream):
        if not belongs(recorded):
            break
        view = next_view(view, recorded)
    return None if view is None or view.lab.state is LabState.DELETED else view


class Replay:
    """Folds events, given in order, into the changes that they made. Memory is bounded: only
    the labs met last are remembered, others are read anew."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._views: OrderedDict[LabKey, LabInstanceView | None] = OrderedDict()

    async def change(self, recorded: RecordedEvent) -> ViewChange | None:
        """What the event changed; None when nothing."""
        if is_api_object_event(recorded.event):
            return None
        key = key_of(recorded.stream)
        views = self._views
        before = views[key] if key in views else await view_before(self._store, recorded)
        change = project(key, before, recorded)
        views[key] = before if change is None else change.after
        views.move_to_end(key)
        if len(views) > _REMEMBERED:
            views.popitem(last=False)
        return change


def replayed_changes(
    store: EventStore, *, after: int, upto: int
) -> AsyncGenerator[ViewChange, None]:
    """The changes that the events after one position, and up to another, made."""
    return merging(_each_change(store, after=after, upto=upto))


async def _each_change(
    store: EventStore, *, after: int, upto: int
) -> AsyncGenerator[ViewChange, None]:
    replay = Replay(store)
    async for recorded in store.read_all(after=after):
        if recorded.position > upto:
            break
        change = await replay.change(recorded)
        if change is not None:
            yield change


async def view_before(store: EventStore, recorded: RecordedEvent) -> LabInstanceView | None:
    """The lab as it was just before the event; None when there was none."""
    if isinstance(recorded.event, LabInstanceCreated):
        return None
    events: list[RecordedEvent] = []
    earlier = recorded.version - 1
    if earlier < 1:
        return None
    async for past in store.read_stream(recorded.stream, from_version=earlier, backwards=True):
        events.append(past)
        if isinstance(past.event, LabInstanceCreated):
            break
    events.reverse()
    view = folded(events).view
    return None if view is None or view.lab.state is LabState.DELETED else view
