"""Reads a stream by what the views know of it, so that its length costs nothing. The views only
say where to look: what they say is believed where the log bears it out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from application.event_log.carried_out import is_from_a_key
from application.event_log.category import Category
from application.event_log.loading import Loaded, folded, incarnation, load
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.read_model import CommandSearch, ReadModelUnavailable
from application.ports.views import CarriedOut, Weighed
from application.structures.remembered import Remembered

K = TypeVar("K")
V = TypeVar("V", bound=Weighed)


_MANY = 64
_REMEMBERED = 2_000
_HEAVIEST = 16 * 1024 * 1024


def _weight(loaded: Loaded[V]) -> int:
    return loaded.view.weight if loaded.view else 0


def _answers() -> Remembered[UUID, Loaded[V]]:
    return Remembered(_REMEMBERED, weigh=_weight, heaviest=_HEAVIEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Views(Generic[K, V]):
    """What is asked of the views: the view of a key, the position that all have reached, and a
    command. Each may raise ReadModelUnavailable: then the log alone answers, at the cost of its
    length.

    `answers`: what commands led to that this process carried out last and that may be repeated;
    nobody else has them, so without one the life up to that command is folded.
    """

    get: Callable[[K], Awaitable[V | None]]
    position: Callable[[], Awaitable[int]]
    find_command: Callable[[UUID], Awaitable[CommandSearch]]
    answers: Remembered[UUID, Loaded[V]] = field(default_factory=_answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread(Generic[V]):
    """What a stream amounts to now, and after the command that may be a repeat; `earlier` is None
    if that never was carried out here."""

    now: Loaded[V]
    earlier: Loaded[V] | None


async def load_by_views(
    category: Category[K, V], store: EventStore, views: Views[K, V], key: K
) -> Loaded[V]:
    """As `load`: reads back to the event that the view is of, and folds on from there. Behind many
    events that changed nothing to be seen the views' position is believed instead, for what it
    covers is in the view. Raises what the store raises."""
    view = await _view_of(views, key)
    if view is None:
        return await load(category, store, key)
    since: list[RecordedEvent] = []
    reading = store.read_stream(category.stream_of(key), backwards=True)
    async for recorded in reading:
        if isinstance(recorded.event, category.begins):
            since.append(recorded)
            return folded(category, reversed(since))
        if recorded.position == category.version_of(view):
            now = folded(category, reversed(since), after=view)
            return Loaded(view=now.view, last=now.last or recorded)
        if recorded.position < category.version_of(view):
            break  # the view is of an event that is not there
        since.append(recorded)
        if len(since) == _MANY and (covered := await _covered(category, views, key, since)):
            return covered
    return await load(category, store, key)


async def reread(
    category: Category[K, V], store: EventStore, views: Views[K, V], key: K, command_id: UUID
) -> Reread[V]:
    """What a command that its sender may repeat is judged by. All that is judged is at or before
    one end of the stream: whatever comes between that and an append on it makes the append fail.

    The views are asked first, and then the log for what they had not reached. Raises what the
    store raises."""
    try:
        search = await views.find_command(command_id) if is_from_a_key(command_id) else None
    except ReadModelUnavailable:
        search = None
    if search is None:
        return await _read_whole(category, store, key, command_id)
    now = await load_by_views(category, store, views, key)
    if search.found is not None:
        last = await _event_at(store, category.stream_of(key), search.found, command_id)
        if last is None:
            return await _read_whole(category, store, key, command_id)
    else:
        last = await _among_newer(store, now, search.position, command_id)
    if last is None:
        return Reread(now=now, earlier=None)
    known = views.answers.get(command_id)
    if known is not None and known.last is not None and known.last.position == last.position:
        return Reread(now=now, earlier=known)
    return Reread(now=now, earlier=await _as_of(category, store, now, last))


async def _covered(
    category: Category[K, V], views: Views[K, V], key: K, since: Sequence[RecordedEvent]
) -> Loaded[V] | None:
    """What the stream amounts to, given its last events, the newest first; None if the views do
    not cover the oldest of these, or the view is of something newer. The view is asked for after
    the position: so it holds all that is covered, and may be ahead of that."""
    try:
        covered = await views.position()
    except ReadModelUnavailable:
        return None
    view = await _view_of(views, key)
    if view is None or since[-1].position > covered:
        return None
    if category.version_of(view) > since[0].position:
        return None
    covered = max(covered, category.version_of(view))
    newer = [recorded for recorded in reversed(since) if recorded.position > covered]
    return Loaded(view=folded(category, newer, after=view).view, last=since[0])


async def _view_of(views: Views[K, V], key: K) -> V | None:
    try:
        return await views.get(key)
    except ReadModelUnavailable:
        return None


async def _event_at(
    store: EventStore, stream: str, found: CarriedOut, command_id: UUID
) -> RecordedEvent | None:
    """The command's last event, if what was found stands there: the views may have had a part of
    what it led to."""
    last: RecordedEvent | None = None
    async for recorded in store.read_stream(stream, from_version=found.version):
        stands = last is not None or recorded.position == found.position
        if not stands or not _is_of(recorded, command_id):
            break
        last = recorded
    return last


async def _among_newer(
    store: EventStore, now: Loaded[V], position: int, command_id: UUID
) -> RecordedEvent | None:
    """The command's last event, if it is behind the position and not behind `now`."""
    last = now.last
    if last is None or last.position <= position:
        return None
    reading = store.read_stream(last.stream, from_version=last.version, backwards=True)
    async for recorded in reading:
        if recorded.position <= position:
            break
        if _is_of(recorded, command_id):
            return recorded
    return None


async def _as_of(
    category: Category[K, V], store: EventStore, now: Loaded[V], last: RecordedEvent
) -> Loaded[V]:
    """What the stream amounted to after this event: what it does now if nothing to be seen has
    changed since."""
    if now.view is not None and category.version_of(now.view) <= last.position:
        return Loaded(view=now.view, last=last)
    return folded(category, await incarnation(category, store, last.stream, until=last.version))


async def _read_whole(
    category: Category[K, V], store: EventStore, key: K, command_id: UUID
) -> Reread[V]:
    view: V | None = None
    last: RecordedEvent | None = None
    earlier: Loaded[V] | None = None
    async for last in store.read_stream(category.stream_of(key)):
        view = category.next_view(view, last)
        if _is_of(last, command_id):
            earlier = Loaded(view=view, last=last)
    return Reread(now=Loaded(view=view, last=last), earlier=earlier)


def _is_of(recorded: RecordedEvent, command_id: UUID) -> bool:
    return recorded.metadata.get("commandId") == str(command_id)
