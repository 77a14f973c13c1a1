"""How long a connection may be idle."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from api.server.deadline import Idleness


class Clock:
    """A loop's clock that a test sets, and its timers."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, call: Callable[[], None]) -> "Timer":
        self.timers.append(Timer(self.now + delay, call))
        return self.timers[-1]

    def reach(self, now: float) -> None:
        while due := [one for one in self.timers if not one.cancelled and one.at <= now]:
            first = min(due, key=lambda one: one.at)
            self.timers.remove(first)
            self.now = first.at
            first.call()
        self.now = now


class Timer:
    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at, self.call, self.cancelled = at, call, False

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def over() -> list[float]:
    return []


@pytest.fixture
def idleness(clock: Clock, over: list[float]) -> Idleness:
    return Idleness(cast("Any", clock), 10.0, lambda: over.append(clock.now))


def test_idleness_is_over_after_its_seconds(
    idleness: Idleness, clock: Clock, over: list[float]
) -> None:
    idleness.begin()
    clock.reach(109.9)
    assert over == []
    clock.reach(130.0)
    assert over == [110.0]


def test_idleness_counts_from_when_it_began_last(
    idleness: Idleness, clock: Clock, over: list[float]
) -> None:
    idleness.begin()
    for moment in (104.0, 108.0, 112.0):
        clock.reach(moment)
        idleness.end()
        idleness.begin()
    clock.reach(121.9)
    assert over == []
    clock.reach(122.0)
    assert over == [122.0]


def test_a_connection_at_work_is_not_idle(
    idleness: Idleness, clock: Clock, over: list[float]
) -> None:
    idleness.begin()
    idleness.end()
    clock.reach(150.0)
    idleness.begin()
    clock.reach(155.0)
    assert over == []
    clock.reach(160.0)
    assert over == [160.0]


def test_a_thousand_requests_set_one_timer(idleness: Idleness, clock: Clock) -> None:
    for _ in range(1000):
        idleness.begin()
        idleness.end()
    assert len(clock.timers) == 1


def test_idleness_that_is_stopped_is_never_over(
    idleness: Idleness, clock: Clock, over: list[float]
) -> None:
    idleness.begin()
    idleness.stop()
    clock.reach(200.0)
    assert over == []
