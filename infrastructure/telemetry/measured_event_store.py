"""An event store that is measured while another one does the work."""

from collections.abc import Sequence
from time import perf_counter

from application.ports.event_store import (
    EventStore,
    EventStoreError,
    EventStoreUnavailable,
    NewEvent,
    RecordedEvent,
    Tip,
)
from infrastructure.telemetry.event_metrics import EventMetrics
from infrastructure.telemetry.metrics import Metrics
from infrastructure.telemetry.positions import Positions

_REMEMBERED = 5.0


class MeasuredEventStore:
    """The EventStore port over another one; reads pass through untouched."""

    def __init__(self, inner: EventStore, metrics: Metrics, positions: Positions) -> None:
        self._inner = inner
        self._metrics = metrics
        self._positions = positions
        self._events = EventMetrics(metrics)
        self._failure = ""
        self._failed_at = 0.0
        self.read_stream = inner.read_stream
        self.read_all = inner.read_all
        self.read_back = inner.read_back
        self.subscribe_all = inner.subscribe_all
        self.head = inner.head
        self.is_lost = inner.is_lost

    def failures(self) -> Sequence[str]:
        """The append that failed last, while that is not long ago and none succeeded since."""
        if self._failure and perf_counter() - self._failed_at < _REMEMBERED:
            return (f"the last append failed: {self._failure}",)
        return ()

    async def append(
        self, stream: str, events: Sequence[NewEvent], *, expected: Tip
    ) -> Sequence[RecordedEvent]:
        started = perf_counter()
        try:
            recorded = await self._inner.append(stream, events, expected=expected)
        except EventStoreError as error:
            self._metrics.append_failures.labels(type(error).__name__).inc()
            if isinstance(error, EventStoreUnavailable):
                self._failure, self._failed_at = str(error), perf_counter()
            raise
        self._failure = ""
        self._metrics.append_seconds.observe(perf_counter() - started)
        if recorded:
            self._positions.appended(recorded[-1].position)
            self._events.count(recorded)
        return recorded
