"""A histogram for what happens with every command: an observation is one step, not many."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import inf

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


# For speed, decision 8.
class Distribution(Collector):
    """How often a number fell into each bucket, exposed as the library's histograms are.

    Observed from one thread only, so that it needs no lock. `bounds` rise.
    """

    def __init__(
        self, name: str, meaning: str, *, bounds: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._meaning = meaning
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        registry.register(self)

    def observe(self, amount: float) -> None:
        """Count it in the first bucket whose bound it does not exceed."""
        self._counts[bisect_left(self._bounds, amount)] += 1
        self._sum += amount

    def collect(self) -> Iterable[Metric]:
        """The state as the exposition format has it: each bucket counts the ones below too."""
        names = [_name_of(bound) for bound in (*self._bounds, inf)]
        buckets = list(zip(names, accumulate(self._counts), strict=True))
        yield HistogramMetricFamily(
            self._name, self._meaning, buckets=buckets, sum_value=self._sum
        )


def _name_of(bound: float) -> str:
    name: str = floatToGoString(bound)  # type: ignore[no-untyped-call]  # the library has no types here
    return name
