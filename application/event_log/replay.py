"""The past, from the log: views as they were, and changes as they came."""

from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

from application.event_log.category import Category
from application.event_log.loading import view_before
from application.event_log.past import Reached
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.views import ViewChange, Weighed
from application.structures.remembered import Remembered

_REMEMBERED = 5_000
_HEAVIEST = 32 * 1024 * 1024

K = TypeVar("K")
V = TypeVar("V", bound=Weighed)


async def views_when(
    category: Category[K, V], store: EventStore, belongs: Reached
) -> tuple[dict[K, V], int]:
    """All views after the last event that belongs, and that event's position. Reads the log up
    to there."""
    position = 0
    views: dict[K, V] = {}
    async for recorded in store.read_all(after=0):
        if not belongs(recorded):
            break
        position = recorded.position
        if not category.holds(recorded.event):
            continue
        key = category.key_of(recorded.stream)
        view = category.present(category.next_view(views.get(key), recorded))
        if view is None:
            views.pop(key, None)
        else:
            views[key] = view
    return views, position


async def view_when(
    category: Category[K, V], store: EventStore, key: K, belongs: Reached
) -> V | None:
    """The view of that name after the last event that belongs; None if nothing existed."""
    view: V | None = None
    async for recorded in store.read_stream(category.stream_of(key)):
        if not belongs(recorded):
            break
        view = category.next_view(view, recorded)
    return category.present(view)


class Replay(Generic[K, V]):
    """Folds events, given in order, into the changes that they made. Memory is bounded: only
    the views met last are remembered, others are read anew."""

    def __init__(self, category: Category[K, V], store: EventStore) -> None:
        self._category = category
        self._store = store
        self._views: Remembered[K, V | None] = Remembered(
            _REMEMBERED, weigh=_weight, heaviest=_HEAVIEST
        )

    def forget(self) -> None:
        """What follows may begin anywhere."""
        self._views.clear()

    async def change(self, recorded: RecordedEvent) -> ViewChange[K, V] | None:
        """What the event changed; None when nothing, or nothing of this category."""
        if not self._category.holds(recorded.event):
            return None
        key = self._category.key_of(recorded.stream)
        if key in self._views:
            before = self._views.peek(key)
        else:
            before = await view_before(self._category, self._store, recorded)
        change = self._category.change(key, before, recorded)
        self._views.put(key, before if change is None else change.after)
        return change


async def replayed_changes(
    category: Category[K, V], store: EventStore, *, after: int, upto: int
) -> AsyncGenerator[ViewChange[K, V], None]:
    """The changes that the events after one position, and up to another, made."""
    replay = Replay(category, store)
    async for recorded in store.read_all(after=after):
        if recorded.position > upto:
            break
        change = await replay.change(recorded)
        if change is not None:
            yield change


def _weight(view: Weighed | None) -> int:
    return view.weight if view else 0
