"""Jumps of the machine's clock: those that are taken back, and those that stay."""

from datetime import timedelta

import pytest

from infrastructure.steady_clock import SteadyClock
from tests.contracts.given import SettableClock

HOUR = timedelta(hours=1)


class Machine:
    """Two clocks that go on together until one is set."""

    def __init__(self) -> None:
        self.wall = SettableClock()
        self.uptime = 1000.0
        self.clock = SteadyClock(self.wall, lambda: self.uptime, confirmed_after=30)
        self.begun = self.wall.at

    def wait(self, seconds: float) -> timedelta:
        """How much time has passed since the beginning, after so many seconds more."""
        for _ in range(10):
            self.uptime += seconds / 10
            self.wall.at += timedelta(seconds=seconds / 10)
            self.clock.now()
        return self.clock.now() - self.begun


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.mark.parametrize("jump", [HOUR, -HOUR, timedelta(seconds=3), -timedelta(seconds=3)])
def test_a_jump_that_is_taken_back_soon_never_happened(machine: Machine, jump: timedelta) -> None:
    machine.wait(10)
    machine.wall.at += jump
    assert machine.wait(20) == timedelta(seconds=30)
    machine.wall.at -= jump
    assert machine.wait(100) == timedelta(seconds=130)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_jump_that_stays_is_followed_after_a_while(machine: Machine, jump: timedelta) -> None:
    machine.wall.at += jump
    assert machine.wait(29) == timedelta(seconds=29)
    assert machine.wait(5) == timedelta(seconds=34) + jump
    assert machine.wait(1000) == timedelta(seconds=1034) + jump


def test_a_clock_that_jumps_again_is_doubted_anew(machine: Machine) -> None:
    machine.wall.at += HOUR
    machine.wait(25)
    machine.wall.at += HOUR
    assert machine.wait(25) == timedelta(seconds=50)
    assert machine.wait(10) == timedelta(seconds=60) + 2 * HOUR


def test_a_clock_that_is_put_right_little_by_little_is_followed(machine: Machine) -> None:
    for _ in range(100):
        machine.wall.at += timedelta(seconds=1)
        machine.wait(60)
    assert machine.clock.now() == machine.wall.at
