"""Searches: tries what the grammars make and what is made from what was remarkable before."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Protocol

from tests.fuzzing.attempt import Attempt
from tests.fuzzing.grammar import made
from tests.fuzzing.measured import Measured, faults, novelty
from tests.fuzzing.mutation import mutated

_MOST_REMEMBERED = 400
_RENEWED_EVERY = 40
_AGAIN = 3


class Tries(Protocol):
    """Something that an attempt can be put to."""

    def tried(self, attempt: Attempt) -> Measured:
        """What came of it."""


class Renewable(Tries, Protocol):
    """One that remembers attempts, and can forget them."""

    def renew(self) -> None:
        """Be as in the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An attempt with what is wrong, each time that it is repeated."""

    attempt: Attempt
    faults: Sequence[str]
    measured: Measured


@dataclass
class Search:
    """One search; `seed` and the answers decide what it tries."""

    seed: int
    kinds: Sequence[str]
    web: Renewable
    parser: Tries
    slack: float = 1.0
    tried: Counter[str] = field(default_factory=Counter)
    codes: Counter[tuple[str, int]] = field(default_factory=Counter)
    passing: Counter[str] = field(default_factory=Counter)
    dearest: dict[str, tuple[float, Attempt, Measured]] = field(default_factory=dict)
    _seen: set[tuple[str, int, str, int]] = field(default_factory=set)
    _remembered: dict[str, list[Attempt]] = field(default_factory=dict)

    def found(self) -> Iterator[Found | None]:
        """One for each attempt, without an end: what is wrong with it, or None."""
        for number in count():
            random = Random(f"{self.seed}:{number}")
            kind = self.kinds[number % len(self.kinds)]
            if number % _RENEWED_EVERY == _RENEWED_EVERY - 1:
                self.web.renew()
            yield self.judged(self._next(random, kind))

    def judged(self, attempt: Attempt) -> Found | None:
        """What is wrong with it, and is so each time it is tried again."""
        size = len(attempt.data)
        measured = self._target(attempt).tried(attempt)
        self._note(attempt, measured)
        wrong = set(faults(attempt.kind, size, measured, slack=self.slack))
        for _ in range(_AGAIN if wrong else 0):
            self.web.renew()
            measured = self._target(attempt).tried(attempt)
            left = wrong & set(faults(attempt.kind, size, measured, slack=self.slack))
            self.passing.update(wrong - left)
            wrong = left
        return Found(attempt=attempt, faults=sorted(wrong), measured=measured) if wrong else None

    def _target(self, attempt: Attempt) -> Tries:
        return self.parser if attempt.kind == "templates" else self.web

    def _next(self, random: Random, kind: str) -> Attempt:
        known = self._remembered.get(kind, [])
        if len(known) < 5 or random.random() < 0.4:
            return made(random, kind)
        accepted = self._remembered.get(f"{kind} accepted", known)
        first = random.choice(accepted if random.random() < 0.5 else known)
        return mutated(random, first, random.choice(known))

    def _note(self, attempt: Attempt, seen: Measured) -> None:
        kind = attempt.kind
        self.tried[kind] += 1
        self.codes[kind, seen.code] += 1
        if seen.seconds > self.dearest.get(kind, (0.0,))[0]:
            self.dearest[kind] = (seen.seconds, attempt, seen)
        mark = novelty(kind, len(attempt.data), seen)
        if mark not in self._seen:
            self._seen.add(mark)
            for name in (kind, f"{kind} accepted")[: 1 + (200 <= seen.code < 300)]:
                known = self._remembered.setdefault(name, [])
                known.append(attempt)
                del known[:-_MOST_REMEMBERED]


def told(search: Search) -> Sequence[str]:
    """What was tried, in lines."""
    lines = []
    for kind in search.kinds:
        codes: Mapping[int, int] = {c: n for (k, c), n in search.codes.items() if k == kind}
        seconds, attempt, seen = search.dearest[kind]
        lines.append(
            f"{kind}: {search.tried[kind]} tried, answers {dict(sorted(codes.items()))}; "
            f"dearest {seconds * 1000:.0f} ms for {len(attempt.data)} bytes, {seen.code}"
        )
    return [*lines, f"not seen again: {dict(search.passing)}"]
