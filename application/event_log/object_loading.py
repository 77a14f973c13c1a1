"""Reading one object afresh from its stream: only as far back as its present incarnation."""

from dataclasses import dataclass
from uuid import UUID

from application.event_log.loading import tip_of
from application.event_log.object_fold import next_view
from application.event_log.object_streams import stream_of
from application.ports.event_store import EMPTY, EventStore, RecordedEvent, Tip
from application.ports.object_views import ApiObjectView
from domain.api_object.events import ApiObjectDeclared
from domain.api_object.key import ApiObjectKey


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedApiObject:
    """An object as its stream tells it. `view` is None when there never was one; one that is
    gone has a view that says so."""

    view: ApiObjectView | None
    tip: Tip


async def load(store: EventStore, key: ApiObjectKey) -> LoadedApiObject:
    """The object of that name as it is now. Raises what the store raises."""
    return _folded(await _incarnation(store, stream_of(key), until=None))


async def before(store: EventStore, recorded: RecordedEvent) -> ApiObjectView | None:
    """The object as it was when `recorded` met it."""
    if isinstance(recorded.event, ApiObjectDeclared) or recorded.version == 1:
        return None
    earlier = await _incarnation(store, recorded.stream, until=recorded.version - 1)
    return _folded(earlier).view


async def find_earlier(
    store: EventStore, key: ApiObjectKey, command_id: UUID
) -> ApiObjectView | None:
    """The object as the command of that id left it, or None if it never was carried out.
    Reads the whole stream: only for a caller that says it may repeat itself."""
    view: ApiObjectView | None = None
    found: ApiObjectView | None = None
    async for recorded in store.read_stream(stream_of(key)):
        view = next_view(view, recorded)
        if recorded.metadata.get("commandId") == str(command_id):
            found = view
    return found


async def _incarnation(
    store: EventStore, stream: str, *, until: int | None
) -> list[RecordedEvent]:
    events: list[RecordedEvent] = []
    async for recorded in store.read_stream(stream, from_version=until, backwards=True):
        events.append(recorded)
        if isinstance(recorded.event, ApiObjectDeclared):
            break
    events.reverse()
    return events


def _folded(incarnation: list[RecordedEvent]) -> LoadedApiObject:
    view: ApiObjectView | None = None
    for recorded in incarnation:
        view = next_view(view, recorded)
    tip = tip_of(incarnation[-1]) if incarnation else EMPTY
    return LoadedApiObject(view=view, tip=tip)
