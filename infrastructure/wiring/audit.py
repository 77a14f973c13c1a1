"""The past put together: who writes the audit's records, and who answers from them."""

from collections.abc import Sequence

from application.control.supervisor import Loop
from application.event_log.moments import Moments
from application.event_log.progress import Progress
from application.event_log.recent_labs import RecentLabs
from application.mediator.mediator import Mediator
from application.ports.event_store import EventStore
from application.projections.audit_recorder import AuditRecorder
from application.projections.view_writer import ViewWriter
from application.queries.audit import AuditQueries
from application.queries.history import HistoryQueries
from application.replicas.kept_leases import KeptLeases
from infrastructure.wiring.adapters import Adapters

_PATIENCE = 5.0
_LEASE = 6.0


class AuditSide:
    """One replica writes the records, under a lease of its own; all of them answer."""

    def __init__(
        self, store: EventStore, adapters: Adapters, *, recent: RecentLabs, moments: Moments
    ) -> None:
        self.recorded = Progress()
        records = adapters.audit_records
        kept = KeptLeases(adapters.leases, holder=adapters.replica, seconds=_LEASE)
        recorder = AuditRecorder(store, records, recorded=self.recorded, recent=recent)
        self._history = HistoryQueries(store, records, moments)
        self._queries = AuditQueries(store, records, recorded=self.recorded, patience=_PATIENCE)
        self.writer = ViewWriter(
            kept, project=recorder.run, follow=recorder.follow, family="auditor"
        )

    def register(self, mediator: Mediator) -> None:
        """Let the mediator know who answers."""
        self._queries.register(mediator)
        self._history.register(mediator)

    def loops(self) -> Sequence[Loop]:
        """What keeps the records up to date."""
        return [
            Loop(name="audit", run=self.writer.run, stop=None),
            Loop(name="audit-lease", run=self.writer.keeper.run, stop=None),
        ]
