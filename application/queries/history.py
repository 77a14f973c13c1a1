"""Answers what happened under a name, event by event."""

from collections.abc import Sequence

from application.event_log.labs import next_view, stream_of
from application.mediator.mediator import Mediator
from application.mediator.questions import GetHistory, HistoryEntry
from application.ports.event_store import EventStore
from application.ports.past_index import PastIndex
from application.ports.read_model import ReadModelUnavailable
from application.ports.views import LabInstanceView
from domain.errors import LabInstanceNotFound
from domain.lab_instance.events import LabInstanceCreated


class HistoryQueries:
    """Answers GetHistory from the lab's stream: from the incarnation that the page begins in."""

    def __init__(self, store: EventStore, index: PastIndex) -> None:
        self._store = store
        self._index = index

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        mediator.on_query(GetHistory, self.history)

    async def history(self, question: GetHistory) -> Sequence[HistoryEntry]:
        """Raises LabInstanceNotFound when nothing was ever recorded under the name."""
        entries: list[HistoryEntry] = []
        view: LabInstanceView | None = None
        stream, first = stream_of(question.key), await self._first_version(question)
        async for recorded in self._store.read_stream(stream, from_version=first):
            begins = isinstance(recorded.event, LabInstanceCreated)
            before, view = None if begins else view, next_view(view, recorded)
            if recorded.version <= question.after_version:
                continue
            entries.append(HistoryEntry(recorded=recorded, before=before, after=view))
            if len(entries) == question.limit:
                break
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
