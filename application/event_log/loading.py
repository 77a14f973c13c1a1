"""Reads one stream afresh: only as far back as the present incarnation."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from application.event_log.category import Category
from application.ports.event_store import EMPTY, EventStore, RecordedEvent, Tip
from application.ports.views import Weighed

K = TypeVar("K")
V = TypeVar("V", bound=Weighed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Generic[V]):
    """What a stream amounts to. `view` is None when nothing ever had the name; what is gone has
    a view that says so. `last` is the stream's last event."""

    view: V | None
    last: RecordedEvent | None

    @property
    def tip(self) -> Tip:
        """Where the stream ends."""
        last = self.last
        return EMPTY if last is None else Tip(last.version, last.metadata.get("hash", ""))


async def load(category: Category[K, V], store: EventStore, key: K) -> Loaded[V]:
    """What has that name now. Raises what the store raises."""
    return folded(category, await incarnation(category, store, category.stream_of(key)))


async def load_on(
    category: Category[K, V], store: EventStore, key: K, known: Loaded[V]
) -> Loaded[V]:
    """As `load`, where it is known what the stream amounted to once. If its last event does not
    stand where it stood, nothing is known. Raises what the store raises."""
    if known.last is None:
        return await load(category, store, key)
    view, last = known.view, None
    stream = category.stream_of(key)
    async for recorded in store.read_stream(stream, from_version=known.last.version):
        if last is not None:
            view = category.next_view(view, recorded)
        elif recorded.id != known.last.id:
            break
        last = recorded
    return await load(category, store, key) if last is None else Loaded(view=view, last=last)


def folded(
    category: Category[K, V], events: Iterable[RecordedEvent], *, after: V | None = None
) -> Loaded[V]:
    """What the events of one incarnation, oldest first, amount to: all of them, or those after
    the view `after`."""
    view, last = after, None
    for last in events:
        view = category.next_view(view, last)
    return Loaded(view=view, last=last)


async def view_before(
    category: Category[K, V], store: EventStore, recorded: RecordedEvent
) -> V | None:
    """The view just before `recorded`; None when nothing existed."""
    if isinstance(recorded.event, category.begins) or recorded.version == 1:
        return None
    earlier = await incarnation(category, store, recorded.stream, until=recorded.version - 1)
    return category.present(folded(category, earlier).view)


async def incarnation(
    category: Category[K, V], store: EventStore, stream: str, *, until: int | None = None
) -> list[RecordedEvent]:
    """The events of the present incarnation, oldest first, or of that at version `until` up to
    there."""
    events: list[RecordedEvent] = []
    async for recorded in store.read_stream(stream, from_version=until, backwards=True):
        events.append(recorded)
        if isinstance(recorded.event, category.begins):
            break
    events.reverse()
    return events
