"""The server's log: which appends it takes, and what deletion leaves. No wire."""

from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest

from tests.contracts.given import SettableClock
from tests.kurrentdb_server.log import Log
from tests.kurrentdb_server.records import (
    ANY,
    EXISTS,
    NO_STREAM,
    InvalidPosition,
    Proposed,
    StreamDeleted,
    WrongExpectedVersion,
)

ABSENT, ONE, TWO, HIDDEN, CLOSED = "absent", "one", "two", "hidden", "closed"
TAKEN, WRONG, GONE = "taken", WrongExpectedVersion, StreamDeleted


def event(number: int) -> Proposed:
    return Proposed(
        id=UUID(int=number), type="happened", content_type="", data=b"{}", metadata=b""
    )


def stream_that_is(state: str, log: Log) -> None:
    """The stream `s` in this state."""
    if state != ABSENT:
        log.append("s", NO_STREAM, [event(1)])
    if state == TWO:
        log.append("s", 0, [event(2)])
    if state == HIDDEN:
        log.delete("s", 0)
    if state == CLOSED:
        log.tombstone("s", 0)


@pytest.fixture
def log() -> Log:
    return Log(SettableClock())


@pytest.mark.parametrize(
    ("state", "expected", "outcome"),
    [
        (ABSENT, ANY, TAKEN),
        (ABSENT, NO_STREAM, TAKEN),
        (ABSENT, EXISTS, WRONG),
        (ABSENT, 0, WRONG),
        (ONE, ANY, TAKEN),
        (ONE, NO_STREAM, WRONG),
        (ONE, EXISTS, TAKEN),
        (ONE, 0, TAKEN),
        (ONE, 1, WRONG),
        (TWO, ANY, TAKEN),
        (TWO, NO_STREAM, WRONG),
        (TWO, EXISTS, TAKEN),
        (TWO, 0, WRONG),
        (TWO, 1, TAKEN),
        (HIDDEN, ANY, TAKEN),
        (HIDDEN, NO_STREAM, TAKEN),
        (HIDDEN, EXISTS, GONE),
        (HIDDEN, 0, TAKEN),
        (HIDDEN, 1, WRONG),
        (CLOSED, ANY, GONE),
        (CLOSED, NO_STREAM, GONE),
        (CLOSED, EXISTS, GONE),
        (CLOSED, 1, GONE),
    ],
)
def test_an_append_is_taken_when_the_stream_is_as_expected(
    log: Log, state: str, expected: int, outcome: str | type[Exception]
) -> None:
    stream_that_is(state, log)
    before = len(log.records)

    if isinstance(outcome, str):
        log.append("s", expected, [event(9)])
        assert event(9) in [record.event for record in log.records]
    else:
        with pytest.raises(outcome):
            log.append("s", expected, [event(9)])
        assert len(log.records) == before


@pytest.mark.parametrize(
    ("expected", "sent", "outcome"),
    [
        (NO_STREAM, [1], TAKEN),
        (NO_STREAM, [1, 2], TAKEN),
        (NO_STREAM, [1, 2, 3], WRONG),
        (NO_STREAM, [1, 9], WRONG),
        (NO_STREAM, [2], WRONG),
        (0, [2], TAKEN),
        (0, [2, 9], WRONG),
        (0, [1], WRONG),
        (ANY, [1], TAKEN),
        (ANY, [1, 9], WRONG),
        (EXISTS, [2], TAKEN),
    ],
)
def test_a_repeat_is_answered_as_the_first_time_and_stores_nothing(
    log: Log, expected: int, sent: list[int], outcome: str | type[Exception]
) -> None:
    stream_that_is(TWO, log)
    places = {record.event.id.int: record.position for record in log.records}

    if isinstance(outcome, str):
        answer = log.append("s", expected, [event(number) for number in sent])
        assert answer.position == places[sent[-1]]
    else:
        with pytest.raises(outcome):
            log.append("s", expected, [event(number) for number in sent])
    assert len(log.records) == 2


def test_appending_nothing_checks_what_is_expected(log: Log) -> None:
    assert log.append("s", NO_STREAM, []).position is None
    with pytest.raises(WrongExpectedVersion):
        log.append("s", 3, [])
    assert log.records == []


def test_positions_begin_at_zero_and_rise_with_gaps(log: Log) -> None:
    log.append("s", NO_STREAM, [event(1), event(2)])
    log.append("t", NO_STREAM, [event(1)])

    places = [record.position for record in log.records]
    assert places[0] == 0
    assert all(later > earlier + 1 for earlier, later in pairwise(places))
    assert [log.index_of(place) for place in places] == [0, 1, 2]
    assert log.index_of(log.end) == 3
    for between in (places[1] - 1, places[2] + 1):
        with pytest.raises(InvalidPosition):
            log.index_of(between)


def test_a_hidden_stream_goes_on_where_it_was(log: Log) -> None:
    stream_that_is(HIDDEN, log)
    assert log.visible("s") is None

    assert log.append("s", NO_STREAM, [event(5)]).revision == 1

    visible = log.visible("s")
    assert visible is not None
    assert [record.revision for record in visible] == [1]


def test_a_stream_shows_as_many_events_as_its_settings_say(log: Log) -> None:
    log.append("s", NO_STREAM, [event(1), event(2), event(3)])
    settings = Proposed(
        id=UUID(int=7), type="$metadata", content_type="", data=b'{"$maxCount": 2}', metadata=b""
    )
    log.append("$$s", NO_STREAM, [settings])

    visible = log.visible("s")
    assert visible is not None
    assert [record.revision for record in visible] == [1, 2]


def test_a_log_in_a_file_is_there_again(tmp_path: Path) -> None:
    first = Log(SettableClock(), tmp_path / "log.sqlite")
    first.append("s", NO_STREAM, [event(1), event(2)])
    first.close()

    again = Log(SettableClock(), tmp_path / "log.sqlite")
    assert again.records == first.records
    assert again.append("s", 1, [event(3)]).revision == 2
    again.close()
