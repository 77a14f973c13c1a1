"""Whether a service under steady load stays as it is: its first third against its last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, median

from benchmarks.soak.answers import Answers, Span, percentile
from benchmarks.soak.gauges import MIB, Sample

WARM_UP = 0.1
"""The share of a run that is not judged: caches are filled, and code is met for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """What the last third may be: so many times the first, and so much on top."""

    factor: float
    more: float

    def allows(self, first: float) -> float:
        """The most that the last third may show."""
        return first * self.factor + self.more


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One measure over both thirds."""

    name: str
    unit: str
    first: float
    last: float
    tolerance: Tolerance

    @property
    def is_flat(self) -> bool:
        """Whether it stayed within its tolerance."""
        return self.last <= self.tolerance.allows(self.first)

    def __str__(self) -> str:
        said = "flat" if self.is_flat else "GROWS"
        allowed = self.tolerance.allows(self.first)
        return (
            f"{self.name:<24} {self.first:>10.2f} {self.last:>10.2f} {self.unit:<10} "
            f"{said} (at most {self.tolerance.factor:g} x and {self.tolerance.more:g}: "
            f"{allowed:.2f})"
        )


# So much is what neighbours on the same machine do to a latency; they do little to the processor
# time that an answer costs, which is therefore held tight.
_MEDIAN = Tolerance(factor=2, more=20)
_HIGH = Tolerance(factor=3, more=200)
_COST = Tolerance(factor=1.25, more=0.5)
_MEMORY = Tolerance(factor=1.1, more=8)
_LAG = Tolerance(factor=1.5, more=20)
_Statistic = Callable[[Sequence[float]], float]
_GAUGES: Sequence[tuple[str, str, Callable[[Sample], float], _Statistic, Tolerance]] = (
    ("memory, service", "MiB", lambda it: it.service, median, _MEMORY),
    ("memory, writer", "MiB", lambda it: it.writer, median, _MEMORY),
    ("descriptors", "", lambda it: it.descriptors, median, Tolerance(factor=1.1, more=8)),
    ("threads", "", lambda it: it.threads, median, Tolerance(factor=1, more=4)),
    ("lag, projector", "positions", lambda it: it.projector_lag, mean, _LAG),
    ("lag, watcher", "positions", lambda it: it.watcher_lag, mean, _LAG),
    ("-wal, largest", "MiB", lambda it: it.wal, max, Tolerance(factor=1.5, more=4)),
)
_GROWTH = Tolerance(factor=1.25, more=200)
_TELLING = 200
"""So many events a third needs: the file grows in steps."""


def judged(answers: Answers, samples: Sequence[Sample], length: float) -> Sequence[Finding]:
    """All measures of a run of this length, in seconds; those without a value in one of the
    thirds are left out."""
    first, last = Span(begin=length * WARM_UP, end=length).thirds()
    before, after = _among(samples, first), _among(samples, last)
    if len(before) < 2 or len(after) < 2:
        return _latencies(answers, first, last)
    cost = Finding(
        name="processor, each answer",
        unit="ms",
        first=_cost(answers, before),
        last=_cost(answers, after),
        tolerance=_COST,
    )
    return [*_latencies(answers, first, last), cost, *_gauges(before, after)]


def _latencies(answers: Answers, first: Span, last: Span) -> Sequence[Finding]:
    before, after = answers.within(first), answers.within(last)
    return [
        Finding(
            name=f"{verb}, {name}",
            unit="ms",
            first=percentile(before[verb], share) * 1000,
            last=percentile(after[verb], share) * 1000,
            tolerance=tolerance,
        )
        for verb in answers.verbs
        if verb in before and verb in after
        for name, share, tolerance in (("p50", 0.5, _MEDIAN), ("p99", 0.99, _HIGH))
    ]


def _gauges(before: Sequence[Sample], after: Sequence[Sample]) -> Sequence[Finding]:
    findings = [
        Finding(
            name=name,
            unit=unit,
            first=statistic([value(each) for each in before]),
            last=statistic([value(each) for each in after]),
            tolerance=tolerance,
        )
        for name, unit, value, statistic, tolerance in _GAUGES
    ]
    if min(_events(before), _events(after)) >= _TELLING:
        growth = Finding(
            name="log, for each event",
            unit="bytes",
            first=_growth(before),
            last=_growth(after),
            tolerance=_GROWTH,
        )
        findings.append(growth)
    return findings


def _among(samples: Sequence[Sample], span: Span) -> Sequence[Sample]:
    return [each for each in samples if span.begin <= each.at < span.end]


def _growth(samples: Sequence[Sample]) -> float:
    begin, end = samples[0], samples[-1]
    return (end.log - begin.log) * MIB / _events(samples)


def _events(samples: Sequence[Sample]) -> float:
    return samples[-1].events - samples[0].events


def _cost(answers: Answers, samples: Sequence[Sample]) -> float:
    begin, end = samples[0], samples[-1]
    found = answers.within(Span(begin=begin.at, end=end.at))
    return (end.processor - begin.processor) * 1000 / max(1, sum(map(len, found.values())))
