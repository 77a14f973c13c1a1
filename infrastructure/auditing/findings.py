"""What was found wrong, each with its place; all are counted, and the first ones are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field

_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An event of the log, as far as it can be read: its place, and what it says it is."""

    position: object
    stream: object
    version: object
    type: object
    time: str

    def __str__(self) -> str:
        """In one line."""
        return (
            f"position {self.position} ({self.time}), stream {str(self.stream)[:200]!r}, "
            f"version {self.version}, {str(self.type)[:100]!r}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, and where; None where it is about no single event."""

    reason: str
    place: Place | None = None

    def __str__(self) -> str:
        """In one line."""
        return f"{self.place}: {self.reason}" if self.place else self.reason


@dataclass(kw_only=True)
class Findings:
    """`total` of them; `first` are at most so many as a person reads. `notices`: what must be
    known and is not wrong."""

    shown: int = _SHOWN
    total: int = 0
    notices: list[str] = field(default_factory=list)
    _first: list[Finding] = field(default_factory=list)

    @property
    def first(self) -> Sequence[Finding]:
        """Those that came first."""
        return tuple(self._first)

    def add(self, reason: str, place: Place | None = None) -> None:
        """One more."""
        self.total += 1
        if len(self._first) < self.shown:
            self._first.append(Finding(reason=reason, place=place))

    def notice(self, told: str) -> None:
        """Something to know."""
        self.notices.append(told)
