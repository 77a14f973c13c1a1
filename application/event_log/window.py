"""A part of one lab's history: events with the lab before and after each, and their causes."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

from application.event_log.closing import closing_early
from application.event_log.labs import LABS, next_view, stream_of
from application.mediator.history_questions import Happening
from application.ports.audit_records import AuditRecords
from application.ports.event_store import EventStore, RecordedEvent, UndecodableEvent
from application.ports.read_model import ReadModelUnavailable
from application.ports.views import LabInstanceView
from domain.lab_instance.key import LabKey

_CAUSES_BEFORE = 25


@dataclass(slots=True)
class Window:
    """The events after version `begin` up to `end`, as far as they can be read. `more`: others
    follow. `undecodable`: the one that cannot be read, where the window ends."""

    begin: int
    end: int
    happenings: list[Happening] = field(default_factory=list)
    more: bool = False
    undecodable: UndecodableEvent | None = None


async def window(
    store: EventStore, records: AuditRecords, key: LabKey, *, begin: int, end: int
) -> Window:
    """What happened to the lab there. The stream is entered where the records kept the lab last;
    without records it is read from its start. Raises what the store raises, but not
    UndecodableEvent."""
    part = Window(begin, end)
    version, view = await _entrance(records, key, max(0, begin - _CAUSES_BEFORE))
    reading = store.read_stream(stream_of(key), from_version=version + 1)
    try:
        async with closing_early(reading) as stream:
            await _fill(part, stream, view)
    except UndecodableEvent as undecodable:
        part.undecodable = undecodable
    return part


async def last_version(store: EventStore, key: LabKey) -> int:
    """How many events there are under the name. Raises what the store raises."""
    async with closing_early(store.read_stream(stream_of(key), backwards=True)) as stream:
        async for last in stream:
            return last.version
    return 0


async def _fill(
    part: Window, stream: AsyncIterator[RecordedEvent], view: LabInstanceView | None
) -> None:
    met: dict[str, RecordedEvent] = {}
    async for recorded in stream:
        if recorded.version > part.end:
            part.more = True
            return
        before = None if isinstance(recorded.event, LABS.begins) else view
        view = next_view(before, recorded)
        met[str(recorded.id)] = recorded
        if recorded.version > part.begin:
            cause = met.get(recorded.metadata.get("$causationId", ""))
            part.happenings.append(
                Happening(recorded=recorded, before=before, after=view, cause=cause)
            )


async def _entrance(
    records: AuditRecords, key: LabKey, begin: int
) -> tuple[int, LabInstanceView | None]:
    with suppress(ReadModelUnavailable):
        if begin and (kept := await records.resting_at(key, version=begin)):
            return kept.version, kept.view
    return 0, None
