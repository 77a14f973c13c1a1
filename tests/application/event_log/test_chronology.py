"""Which pieces of the log are believed, and which position a time stands for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.event_log.chronology import believed
from application.ports.past_index import Stretch
from tests.domain.scenario import NOW

DAY = timedelta(days=1)
LATER = NOW + 10_000 * DAY


def stretches(*days: tuple[float, float, int]) -> Sequence[Stretch]:
    """Each from one day to another, of so many events, one after the other."""
    made, position = [], 0
    for begins, ends, events in days:
        made.append(
            Stretch(
                after=position,
                last=position + events,
                begins=NOW + begins * DAY,
                ends=NOW + ends * DAY,
                events=events,
            )
        )
        position += events
    return made


def chosen(made: Sequence[Stretch], now: datetime = LATER) -> Sequence[int]:
    found = believed(made, now=now)
    return [place for place, one in enumerate(made) if one in found]


def test_times_that_go_on_are_all_believed() -> None:
    assert chosen(stretches((0, 1, 5), (1, 2, 5), (9, 9, 1))) == [0, 1, 2]
    assert chosen([]) == []


def test_a_clock_that_was_ahead_for_a_start_is_left_out() -> None:
    assert chosen(stretches((0, 1, 5), (400, 401, 3), (1, 2, 4))) == [0, 2]


def test_a_clock_that_was_behind_for_a_start_is_left_out() -> None:
    assert chosen(stretches((0, 9, 5), (-9000, -8999, 3), (9, 10, 4))) == [0, 2]


def test_times_yet_to_come_are_left_out_however_many_they_are() -> None:
    made = stretches((0, 1, 5), (400, 401, 900), (1, 2, 1))
    assert chosen(made, now=NOW + 2 * DAY) == [0, 2]
    assert chosen(made) == [0, 1]


def test_of_equal_ones_the_later_is_believed() -> None:
    assert chosen(stretches((5, 6, 3), (0, 1, 3))) == [1]


def test_seconds_between_the_clocks_of_replicas_are_no_fall() -> None:
    second = 1 / 86400
    assert chosen(stretches((0, 1, 1000), (1 - 4 * second, 2, 1000))) == [0, 1]


def test_a_stretch_that_reaches_into_the_next_ends_where_that_begins() -> None:
    earlier = Stretch(after=0, last=9, begins=NOW, ends=NOW + 2 * DAY, events=9)
    later = Stretch(after=6, last=12, begins=NOW + DAY, ends=NOW + 3 * DAY, events=6)
    first, second = believed([earlier, later], now=LATER)
    assert (first.last, first.ends, second) == (6, NOW + DAY, later)
    assert believed([later, earlier], now=LATER)[-1] == earlier


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.integers(1, 9)), max_size=7))
def test_no_other_choice_that_goes_on_has_more_events(
    given_days: Sequence[tuple[int, int, int]],
) -> None:
    made = stretches(*((begins, begins + length, events) for begins, length, events in given_days))
    best = sum(one.events for one in believed(made, now=LATER))
    for picked in range(2 ** len(made)):
        choice = [one for place, one in enumerate(made) if picked >> place & 1]
        if all(one.ends <= two.begins for one, two in pairwise(choice)):
            assert sum(one.events for one in choice) <= best


@pytest.mark.parametrize("number", [3000])
def test_a_log_with_many_turns_is_judged_at_once(number: int) -> None:
    made = stretches(*((place % 7, place % 7 + 1, 1) for place in range(number)))
    assert len(believed(made, now=LATER)) == 7
