"""How long the service took to answer, by what it was asked, and what it should not have said."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From a moment up to another, in seconds since the run began."""

    begin: float
    end: float

    def thirds(self) -> tuple["Span", "Span"]:
        """Its first third and its last."""
        third = (self.end - self.begin) / 3
        return (
            Span(begin=self.begin, end=self.begin + third),
            Span(begin=self.end - third, end=self.end),
        )


@dataclass
class Answers:
    """Everything that was answered. `faults` counts what must not happen, each by its words."""

    faults: Counter[str] = field(default_factory=Counter)
    _moments: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _lengths: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def took(self, verb: str, seconds: float, *, at: float) -> None:
        """One answer. Moments never fall."""
        self._moments[verb].append(at)
        self._lengths[verb].append(seconds)

    @property
    def verbs(self) -> Sequence[str]:
        """All that was ever answered."""
        return sorted(self._moments)

    def within(self, span: Span) -> Mapping[str, Sequence[float]]:
        """The seconds of all answers of this span, in order of length; verbs without any are
        left out."""
        found = {}
        for verb, moments in self._moments.items():
            begin, end = bisect_left(moments, span.begin), bisect_left(moments, span.end)
            if begin < end:
                found[verb] = sorted(self._lengths[verb][begin:end])
        return found


def percentile(lengths: Sequence[float], share: float) -> float:
    """The length that this share of them does not exceed; they are in order, and not empty."""
    return lengths[min(len(lengths) - 1, int(len(lengths) * share))]
