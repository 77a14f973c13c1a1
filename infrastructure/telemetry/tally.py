"""A counter for what happens with every command: counting is one step, not many."""

from collections import Counter
from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


# For speed, decision 8.
class Tally(Collector):
    """How often something happened, by the values of `labels`, exposed as the library's
    counters are. Counted from one thread only, so that it needs no lock."""

    def __init__(
        self, name: str, meaning: str, labels: Sequence[str] = (), *, registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._meaning = meaning
        self._labels = labels
        self._counts = Counter[tuple[str, ...]]()
        if not labels:
            self._counts[()] = 0  # exposed before it happened, as what is labelled cannot be
        registry.register(self)

    def count(self, *values: str, times: int = 1) -> None:
        """It has happened so often more."""
        self._counts[values] += times

    def collect(self) -> Iterable[Metric]:
        """The state as the exposition format has it."""
        family = CounterMetricFamily(self._name, self._meaning, labels=self._labels)
        for values, number in self._counts.items():
            family.add_metric(values, number)
        yield family
