"""Reading one document afresh from its stream: only as far back as its present incarnation."""

from dataclasses import dataclass
from uuid import UUID

from application.event_log.loading import tip_of
from application.event_log.object_fold import next_view
from application.event_log.object_streams import stream_of
from application.ports.event_store import EMPTY, EventStore, RecordedEvent, Tip
from application.ports.object_views import DocumentView
from domain.api_object.events import DocumentDeclared
from domain.api_object.key import DocumentKey


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedDocument:
    """A document as its stream tells it. `view` is None when there never was one; one that is
    gone has a view that says so."""

    view: DocumentView | None
    tip: Tip


async def load(store: EventStore, key: DocumentKey) -> LoadedDocument:
    """The document of that name as it is now. Raises what the store raises."""
    return _folded(await _incarnation(store, stream_of(key), until=None))


async def before(store: EventStore, recorded: RecordedEvent) -> DocumentView | None:
    """The document as it was when `recorded` met it."""
    if isinstance(recorded.event, DocumentDeclared) or recorded.version == 1:
        return None
    earlier = await _incarnation(store, recorded.stream, until=recorded.version - 1)
    return _folded(earlier).view


async def find_earlier(
    store: EventStore, key: DocumentKey, command_id: UUID
) -> DocumentView | None:
    """The document as the command of that id left it, or None if it never was carried out.
    Reads the whole stream: only for a caller that says it may repeat itself."""
    view: DocumentView | None = None
    found: DocumentView | None = None
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
        if isinstance(recorded.event, DocumentDeclared):
            break
    events.reverse()
    return events


def _folded(incarnation: list[RecordedEvent]) -> LoadedDocument:
    view: DocumentView | None = None
    for recorded in incarnation:
        view = next_view(view, recorded)
    tip = tip_of(incarnation[-1]) if incarnation else EMPTY
    return LoadedDocument(view=view, tip=tip)
