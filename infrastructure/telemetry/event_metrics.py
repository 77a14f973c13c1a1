"""What the recorded events say in numbers: retries, failures, how long provisioning took."""

from collections.abc import Sequence
from datetime import datetime

from application.ports.event_store import RecordedEvent
from domain.lab_instance.end_facts import Deleted
from domain.lab_instance.events import (
    BecameReady,
    DriftDetected,
    Failed,
    ProvisioningFailed,
    ProvisioningStarted,
)
from infrastructure.telemetry.metrics import Metrics


class EventMetrics:
    """Counts events as they are appended."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._started: dict[str, datetime] = {}

    def count(self, recorded: Sequence[RecordedEvent]) -> None:
        """Take these events into account; each append is reported once."""
        self._metrics.events.count(times=len(recorded))
        for item in recorded:
            match item.event:
                case ProvisioningStarted(at=at):
                    self._started[item.stream] = at
                case BecameReady(at=at):
                    self._observe_attempt(item.stream, at)
                case ProvisioningFailed(reason=reason) | DriftDetected(reason=reason):
                    self._started.pop(item.stream, None)
                    self._metrics.retries.labels(reason).inc()
                case Failed(reason=reason):
                    self._started.pop(item.stream, None)
                    self._metrics.failures.labels(reason).inc()
                case Deleted():
                    self._started.pop(item.stream, None)
                case _:
                    pass

    def _observe_attempt(self, stream: str, at: datetime) -> None:
        started = self._started.pop(stream, None)
        if started is not None:
            self._metrics.provisioning_seconds.observe(max(0.0, (at - started).total_seconds()))
