"""Answers what happened under a name, event by event."""

from collections.abc import Sequence

from application.event_log.labs import next_view, stream_of
from application.mediator.mediator import Mediator
from application.mediator.questions import GetHistory, HistoryEntry
from application.ports.event_store import EventStore
from application.ports.views import LabInstanceView
from domain.errors import LabInstanceNotFound
from domain.lab_instance.events import LabInstanceCreated


class HistoryQueries:
    """Answers GetHistory from the lab's stream."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        mediator.on_query(GetHistory, self.history)

    async def history(self, question: GetHistory) -> Sequence[HistoryEntry]:
        """Raises LabInstanceNotFound when nothing was ever recorded under the name."""
        entries: list[HistoryEntry] = []
        view: LabInstanceView | None = None
        async for recorded in self._store.read_stream(stream_of(question.key)):
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
