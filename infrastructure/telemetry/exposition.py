"""The metrics as Prometheus reads them, with the labs counted by state."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from application.ports.read_model import ReadModel, ReadModelUnavailable
from domain.lab_instance.status import LabState
from infrastructure.telemetry.metrics import Metrics

_FRESH_SECONDS = 5.0

Ahead = Callable[[], Awaitable[timedelta]]
"""By how much the latest time in the log is ahead of the clock."""


class Exposition:
    """Answers scrapes. Counting the labs, and how far the log is `ahead`, is asked of the read
    model every few seconds at most; while it is unavailable what was found last stands."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, metrics: Metrics, read_model: ReadModel, ahead: Ahead) -> None:
        self._metrics = metrics
        self._read_model = read_model
        self._ahead = ahead
        self._labs = _LabsByState()
        self._counted_at: float | None = None
        metrics.registry.register(self._labs)

    def count_failed_login(self) -> None:
        """A request came without the right credentials."""
        self._metrics.failed_logins.count()

    async def text(self) -> bytes:
        """All metrics now."""
        now = asyncio.get_running_loop().time()
        if self._counted_at is None or now - self._counted_at >= _FRESH_SECONDS:
            self._counted_at = now
            try:
                self._labs.counts = await self._read_model.count_by_state()
                self._metrics.log_ahead.set((await self._ahead()).total_seconds())
            except ReadModelUnavailable:
                self._counted_at = None
        return generate_latest(self._metrics.registry)


class _LabsByState(Collector):
    """The gauge of labs by state; every state is exposed, those without labs as zero."""

    def __init__(self) -> None:
        self.counts: Mapping[LabState, int] = {}

    def collect(self) -> Iterator[Metric]:
        gauge = GaugeMetricFamily("lab_instances", "Labs by state", labels=["state"])
        for state in LabState:
            if state is not LabState.DELETED:
                gauge.add_metric([state.value], self.counts.get(state, 0))
        yield gauge
