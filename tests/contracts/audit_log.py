"""A small log and what it leaves in the audit's records, for the contract suite."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from application.event_log.labs import next_view, stream_of
from application.ports.audit_records import Trace
from application.ports.event_store import RecordedEvent
from application.ports.views import LabInstanceView
from application.projections.audit_traces import trace_of_lab
from domain.lab_instance.events import LabInstanceCreated, LabInstanceEvent
from domain.lab_instance.key import LabKey
from infrastructure.codec.stored_names import STORED_NAMES
from tests.contracts.given import NOON

_IDS = UUID("5b0e51c4-5be1-4f3a-8a4e-6f0f0c1a7a12")


class AuditLog:
    """Records events one after another, each a minute after the one before."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self._views: dict[LabKey, LabInstanceView | None] = {}
        self.position = 0

    def add(self, key: LabKey, *events: LabInstanceEvent, by: str = "ann") -> Sequence[Trace]:
        """The traces of these events of one lab, in positions that follow."""
        added = [self._add(key, event, by) for event in events]
        self.traces += added
        return added

    def _add(self, key: LabKey, event: LabInstanceEvent, by: str) -> Trace:
        self.position += 1
        recorded = RecordedEvent(
            position=self.position,
            stream=stream_of(key),
            version=self.position,
            id=uuid5(_IDS, str(self.position)),
            type=STORED_NAMES[type(event)],
            event=replace(event, at=NOON + timedelta(minutes=self.position)),
            metadata={"actor": by, "hash": f"{self.position:064x}"},
            recorded_at=NOON,
        )
        begins = isinstance(event, LabInstanceCreated)
        before = None if begins else self._views.get(key)
        after = next_view(before, recorded)
        self._views[key] = after
        return trace_of_lab(recorded, before, after)
