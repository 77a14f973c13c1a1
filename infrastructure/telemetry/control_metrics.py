"""What the control loops publish, in numbers."""

from collections.abc import Callable

from application.control.circuit_breaker import BreakerState
from application.control.observer import TurnOutcome
from domain.lab_instance.key import LabKey
from infrastructure.telemetry.metrics import Metrics

_CIRCUIT = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}


class ControlMetrics:
    """The ControlObserver that counts and times; the rest is looked up when it is asked for."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._looks = {
            outcome: metrics.controller_seconds.labels(outcome.value) for outcome in TurnOutcome
        }

    def reconciled(self, key: LabKey, outcome: TurnOutcome, seconds: float) -> None:
        """A controller is through with a key."""
        self._looks[outcome].observe(seconds)

    def pass_finished(self, seconds: float) -> None:
        """The reconciler is through with a pass."""
        self._metrics.reconcile_seconds.observe(seconds)

    def corrected(self, kind: str) -> None:
        """The reconciler corrected something of that kind."""
        self._metrics.corrections.labels(kind).inc()

    def follow(
        self,
        *,
        queue_depth: Callable[[], int],
        circuit: Callable[[], BreakerState],
        shards: Callable[[], int],
        unknown: Callable[[], int],
    ) -> None:
        """Publish, at each scrape, how many labs wait, how the provisioner's circuit is, how many
        shards are held, and how many labs are unknown to the log."""
        self._metrics.unknown_labs.set_function(unknown)
        self._metrics.shards_held.set_function(shards)
        self._metrics.queue_depth.set_function(queue_depth)
        self._metrics.circuit_state.set_function(lambda: _CIRCUIT[circuit()])
