"""Reading one lab afresh from its stream: only as far back as its current incarnation."""

from dataclasses import dataclass
from uuid import UUID

from application.event_log.fold import next_view
from application.event_log.streams import stream_of
from application.ports.event_store import EMPTY, EventStore, RecordedEvent, Tip
from application.ports.views import LabInstanceView
from domain.lab_instance.events import LabInstanceCreated
from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A lab as its stream tells it. `view` is None when there never was one; a deleted lab
    has a view in the state deleted. `last` is the stream's last event."""

    view: LabInstanceView | None
    last: RecordedEvent | None

    @property
    def tip(self) -> Tip:
        """Where the stream ends."""
        return EMPTY if self.last is None else tip_of(self.last)


async def load(store: EventStore, key: LabKey) -> Loaded:
    """The lab of that name as it is now. Raises what the store raises."""
    incarnation = await _latest_incarnation(store, key)
    return folded(incarnation)


def folded(incarnation: list[RecordedEvent]) -> Loaded:
    """What the events of one incarnation, oldest first, amount to."""
    view: LabInstanceView | None = None
    for recorded in incarnation:
        view = next_view(view, recorded)
    return Loaded(view=view, last=incarnation[-1] if incarnation else None)


def tip_of(last: RecordedEvent) -> Tip:
    """The tip of a stream that ends with `last`."""
    return Tip(last.version, last.metadata.get("hash", ""))


async def find_earlier(store: EventStore, key: LabKey, command_id: UUID) -> Loaded | None:
    """The lab as it was right after the command of that id, or None if it never was carried
    out here. Reads the whole stream: only for a caller that says it may repeat itself."""
    wanted = str(command_id)
    incarnation: list[RecordedEvent] = []
    found: Loaded | None = None
    async for recorded in store.read_stream(stream_of(key)):
        if isinstance(recorded.event, LabInstanceCreated):
            incarnation = []
        incarnation.append(recorded)
        if recorded.metadata.get("commandId") == wanted:
            found = folded(incarnation)
        elif found is not None:
            break
    return found


async def _latest_incarnation(store: EventStore, key: LabKey) -> list[RecordedEvent]:
    events: list[RecordedEvent] = []
    async for recorded in store.read_stream(stream_of(key), backwards=True):
        events.append(recorded)
        if isinstance(recorded.event, LabInstanceCreated):
            break
    events.reverse()
    return events
