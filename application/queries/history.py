"""Answers what happened under a name, event by event."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from application.event_log.closing import closing_early
from application.event_log.labs import next_view, stream_of
from application.mediator.mediator import Mediator
from application.mediator.questions import GetHistory, HistoryEntry
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.past_index import PastIndex
from application.ports.read_model import ReadModelUnavailable
from application.ports.views import LabInstanceView
from application.structures.remembered import Remembered
from domain.errors import LabInstanceNotFound
from domain.lab_instance.events import LabInstanceCreated
from domain.lab_instance.key import LabKey

_PAGES = 200
_HEAVIEST = 16 * 1024 * 1024
_LIGHTEST = 1000


@dataclass(frozen=True, slots=True)
class _End:
    """The lab after this event, at which a page may have ended."""

    event: UUID
    view: LabInstanceView | None


class HistoryQueries:
    """Answers GetHistory from the lab's stream. A page is folded from where the page before it
    ended, if that was a moment ago, or from the incarnation that it begins in."""

    def __init__(self, store: EventStore, index: PastIndex) -> None:
        self._store = store
        self._index = index
        self._ends: Remembered[tuple[LabKey, int], _End] = Remembered(
            _PAGES, weigh=_weight, heaviest=_HEAVIEST
        )

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        mediator.on_query(GetHistory, self.history)

    async def history(self, question: GetHistory) -> Sequence[HistoryEntry]:
        """Raises LabInstanceNotFound when nothing was ever recorded under the name."""
        known = self._ends.get((question.key, question.after_version))
        entries = await self._read_on(question, known) if known else None
        if entries is None:
            entries = await self._read(question)
        for entry in entries[-2:]:  # who asks for one more than it shows ends before the last
            place = (question.key, entry.recorded.version)
            self._ends.put(place, _End(entry.recorded.id, entry.after))
        return entries

    async def _read_on(self, question: GetHistory, known: _End) -> list[HistoryEntry] | None:
        """From where it is known to have ended; None if that is not so any more."""
        version = question.after_version
        stream = self._store.read_stream(stream_of(question.key), from_version=version)
        async with closing_early(stream) as reading:
            last = await anext(aiter(reading), None)
            if last is None or last.id != known.event:
                return None
            entries, _ = await _entries(reading, question, known.view)
        return entries

    async def _read(self, question: GetHistory) -> list[HistoryEntry]:
        first = await self._first_version(question)
        stream = self._store.read_stream(stream_of(question.key), from_version=first)
        async with closing_early(stream) as reading:
            entries, view = await _entries(reading, question, None)
        if not entries and view is None:
            raise LabInstanceNotFound(question.key.namespace, question.key.name)
        return entries

    async def _first_version(self, question: GetHistory) -> int:
        """Where to begin folding. An index that knows less makes it earlier, never wrong."""
        if not question.after_version:
            return 1
        try:
            found = await self._index.latest(question.key, version=question.after_version + 1)
        except ReadModelUnavailable:
            return 1
        return found.first_version if found else 1


async def _entries(
    reading: AsyncIterator[RecordedEvent], question: GetHistory, view: LabInstanceView | None
) -> tuple[list[HistoryEntry], LabInstanceView | None]:
    """What the question asks for, of the events that follow `view`; and the view at the end."""
    entries: list[HistoryEntry] = []
    async for recorded in reading:
        begins = isinstance(recorded.event, LabInstanceCreated)
        before, view = None if begins else view, next_view(view, recorded)
        if recorded.version <= question.after_version:
            continue
        entries.append(HistoryEntry(recorded=recorded, before=before, after=view))
        if len(entries) == question.limit:
            break
    return entries, view


def _weight(end: _End) -> int:
    return end.view.weight if end.view else _LIGHTEST
