"""Which pieces of the log tell the time that it was, and which were written by a clock that was
wrong. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.event_log.passing import TOLERANCE
from application.ports.past_index import Stretch


def believed(stretches: Sequence[Stretch], *, now: datetime) -> Sequence[Stretch]:
    """Of the stretches, in the order of positions, those whose times are believed: they follow
    each other in time as they do in the log.

    What claims to be later than `now` was written by a clock that was ahead. Of the others as
    many events as can be are believed together, and where two choices have equally many, the
    later ones: so what a clock wrote that was ahead or behind for a while is left out, and what
    stands before and after it stays.
    """
    possible = [one for one in _apart(stretches) if one.begins <= now + TOLERANCE]
    if all(map(_follows, possible, possible[1:])):
        return possible
    return _heaviest(possible)


def _apart(stretches: Sequence[Stretch]) -> Sequence[Stretch]:
    """After a crash one may reach into the next, which was told later and is right."""
    apart: list[Stretch] = []
    for one in stretches:
        if apart and apart[-1].last > one.after:
            earlier = apart.pop()
            ends = max(earlier.begins, min(earlier.ends, one.begins))
            if earlier.after < one.after:
                apart.append(replace(earlier, last=one.after, ends=ends))
        apart.append(one)
    return apart


def _follows(earlier: Stretch, later: Stretch) -> bool:
    return earlier.ends - TOLERANCE <= later.begins


@dataclass(frozen=True, slots=True)
class _Chain:
    """Stretches that follow each other, from the last one back, and their events together."""

    last: Stretch
    before: "_Chain | None"
    events: int


def _heaviest(stretches: Sequence[Stretch]) -> Sequence[Stretch]:
    """The chain with most events. `front` has, by the time at which chains end, those that no
    shorter one outweighs."""
    ends: list[datetime] = []
    front: list[_Chain] = []
    for one in stretches:
        fitting = bisect_right(ends, one.begins + TOLERANCE)
        before = front[fitting - 1] if fitting else None
        chain = _Chain(one, before, one.events + (before.events if before else 0))
        place = bisect_right(ends, one.ends)
        if place and front[place - 1].events > chain.events:
            continue
        first = place - 1 if place and ends[place - 1] == one.ends else place
        beyond = place
        while beyond < len(front) and front[beyond].events <= chain.events:
            beyond += 1
        ends[first:beyond] = [one.ends]
        front[first:beyond] = [chain]
    found: list[Stretch] = []
    link = front[-1] if front else None
    while link is not None:
        found.append(link.last)
        link = link.before
    return found[::-1]
