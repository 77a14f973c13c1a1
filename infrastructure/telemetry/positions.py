"""How far appending, projecting and watching have come, compared with each other."""

from collections import deque
from collections.abc import Callable
from time import perf_counter

from infrastructure.telemetry.metrics import Metrics

_REMEMBERED = 10_000


class Positions:
    """Learns of positions in passing and turns them into lags and latencies."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._appended = 0
        self._projected = 0
        self._waiting: deque[tuple[int, float]] = deque(maxlen=_REMEMBERED)
        metrics.projection_lag.set_function(lambda: max(0, self._appended - self._projected))

    def appended(self, position: int) -> None:
        """This process stored an event at this position."""
        self._appended = max(self._appended, position)
        self._waiting.append((position, perf_counter()))

    def projected(self, position: int) -> None:
        """The views have reached this position."""
        self._projected = position
        now = perf_counter()
        while self._waiting and self._waiting[0][0] <= position:
            self._metrics.projection_seconds.observe(now - self._waiting.popleft()[1])

    def follow_watcher(self, reached: Callable[[], int]) -> None:
        """Compare, at each scrape, with the position that the watcher has delivered."""
        self._metrics.watcher_lag.set_function(lambda: max(0, self._appended - reached()))
