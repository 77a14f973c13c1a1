"""The numbers this service publishes, all in one registry of its own."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

from infrastructure.telemetry.distribution import Distribution
from infrastructure.telemetry.tally import Tally

_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_SLOW = (0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 30, 60, 120, 300)


class Metrics:
    """Every metric; what each one means stands in its help text."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.failed_logins = Tally(
            "lab_authentication_failures",
            "Requests without the right credentials",
            registry=self.registry,
        )
        self._describe_commands()
        self._describe_reading()
        self._describe_control()
        self._describe_provisioning()

    def _describe_commands(self) -> None:
        self.commands = Tally(
            "lab_commands",
            "Commands by kind and outcome: changed, unchanged, refused, conflict, failed",
            ["command", "outcome"],
            registry=self.registry,
        )
        self.command_seconds = self._fast("lab_command_seconds", "Time to carry out a command")
        self.append_seconds = self._fast(
            "lab_append_seconds", "Time until an append was on disk and acknowledged"
        )
        self.events = Tally("lab_events", "Events appended", registry=self.registry)
        self.append_failures = self._counter(
            "lab_append_failures", "Appends that failed", ["error"]
        )

    def _describe_reading(self) -> None:
        self.projection_seconds = self._fast(
            "lab_projection_seconds", "Time from an append to its view"
        )
        self.view_write_seconds = self._fast(
            "lab_view_write_seconds", "Time to write one batch of views and the checkpoint"
        )
        self.anchor_failures = self._counter(
            "lab_anchor_failures", "Signed checkpoints that could not be brought outside", []
        )
        self.projection_lag = self._gauge(
            "lab_projection_lag", "Positions appended here that the views have not reached"
        )

        self.log_ahead = self._gauge(
            "lab_log_ahead_seconds", "How far the latest time in the log is ahead of the clock"
        )
        self.projecting = self._gauge("lab_projecting", "Whether the views are written here")

    def _describe_control(self) -> None:
        self.watcher_lag = self._gauge(
            "lab_watcher_lag", "Positions appended here that the watcher has not delivered"
        )
        self.shards_held = self._gauge("lab_shards_held", "Shards whose labs are worked on here")
        self.unknown_labs = self._gauge(
            "lab_unknown_labs", "Labs that run here and are unknown to the log, not decided on"
        )
        self.queue_depth = self._gauge("lab_queue_depth", "Labs waiting in the work queue")
        self.reconcile_seconds = self._histogram(
            "lab_reconcile_seconds", "Time of one round of the reconciler", _SLOW
        )
        self.corrections = self._counter(
            "lab_corrections", "What the reconciler corrected, by kind", ["kind"]
        )
        self.controller_seconds = self._histogram(
            "lab_controller_seconds",
            "Time of one look of a controller at a lab, by how it ended",
            _FAST,
            ["outcome"],
        )
        self.circuit_state = self._gauge(
            "lab_circuit_state", "The provisioner's circuit: 0 closed, 1 half-open, 2 open"
        )

    def _describe_provisioning(self) -> None:
        self.provisioning_seconds = self._histogram(
            "lab_provisioning_seconds",
            "Time from the start of an attempt until the lab was ready",
            _SLOW,
        )
        self.retries = self._counter(
            "lab_retries", "Failed attempts and drifts that will be tried again", ["reason"]
        )
        self.failures = self._counter("lab_failures", "Labs given up, by reason", ["reason"])
        self.provisioner_seconds = self._histogram(
            "lab_provisioner_call_seconds",
            "Time of the provisioner's calls, by call and outcome",
            _FAST,
            ["call", "outcome"],
        )

    def _fast(self, name: str, meaning: str) -> Distribution:
        return Distribution(name, meaning, bounds=_FAST, registry=self.registry)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(name, meaning, registry=self.registry)

    def _counter(self, name: str, meaning: str, labels: Sequence[str]) -> Counter:
        return Counter(name, meaning, labels, registry=self.registry)

    def _histogram(
        self, name: str, meaning: str, buckets: Sequence[float], labels: Sequence[str] = ()
    ) -> Histogram:
        return Histogram(name, meaning, labels, buckets=buckets, registry=self.registry)
