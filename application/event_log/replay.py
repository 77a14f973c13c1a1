"""The past, from the log: views as they were, and changes as they came."""

from collections.abc import AsyncGenerator
from operator import attrgetter
from typing import Generic, TypeVar

from application.event_log.category import Category
from application.event_log.closing import closing_early
from application.event_log.loading import view_before
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.views import ViewChange, Weighed
from application.structures.remembered import Remembered

_REMEMBERED = 5_000
_HEAVIEST = 32 * 1024 * 1024

K = TypeVar("K")
V = TypeVar("V", bound=Weighed)


async def views_when(category: Category[K, V], store: EventStore, upto: int) -> dict[K, V]:
    """All views as of that position. Reads the log up to there."""
    views: dict[K, V] = {}
    async for recorded in store.read_all(after=0):
        if recorded.position > upto:
            break
        if not category.holds(recorded.event):
            continue
        key = category.key_of(recorded.stream)
        view = category.present(category.next_view(views.get(key), recorded))
        if view is None:
            views.pop(key, None)
        else:
            views[key] = view
    return views


async def view_when(
    category: Category[K, V], store: EventStore, key: K, *, upto: int, first_version: int
) -> V | None:
    """The view of that name as of that position, from the events of its stream from one on that
    begins an incarnation, or the first; None if nothing existed."""
    view: V | None = None
    stream = category.stream_of(key)
    async with closing_early(store.read_stream(stream, from_version=first_version)) as reading:
        async for recorded in reading:
            if recorded.position > upto:
                break
            view = category.next_view(view, recorded)
    return category.present(view)


class Replay(Generic[K, V]):
    """Folds events, given in order, into the changes that they made. Memory is bounded: only
    the views met last are remembered, others are read anew."""

    def __init__(self, category: Category[K, V], store: EventStore) -> None:
        self._category = category
        self._store = store
        self._views: Remembered[K, V] = Remembered(
            _REMEMBERED, weigh=attrgetter("weight"), heaviest=_HEAVIEST
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
        now = before if change is None else change.after
        if now is None:  # what comes next under the name is a creation, and that needs no memory
            self._views.forget(key)
        else:
            self._views.put(key, now)
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
