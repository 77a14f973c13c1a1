"""Moments as people write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.command_line.moment_words import UnreadableMoment, moment_of

NOW = datetime(2026, 3, 29, 10, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("4711", 4711),
        ("now", NOW),
        ("today", datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("yesterday", datetime(2026, 3, 27, 23, tzinfo=UTC)),
        ("-2d", NOW - timedelta(days=2)),
        ("-1h30m", NOW - timedelta(minutes=90)),
        ("-1w", NOW - timedelta(weeks=1)),
        ("2026-03-30", datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 30, 23, tzinfo=UTC)),
        ("2026-01-31T12:00", datetime(2026, 1, 31, 11, tzinfo=UTC)),
        ("2026-01-31 12:00", datetime(2026, 1, 31, 11, tzinfo=UTC)),
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00-05:00", datetime(2026, 1, 31, 17, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read(text: str, moment: int | datetime) -> None:
    assert moment_of(text, now=NOW, zone=BERLIN) == moment


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "2d",
        "-2",
        "-2y",
        "-",
        "2026-13-01",
        "0",
        "00",
        "9" * 40,
        "-999999999w",
        "",
        "٣",
    ],
)
def test_other_words_are_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(UnreadableMoment) as refused:
        moment_of(text, now=NOW, zone=BERLIN)
    assert repr(text[:60]) in str(refused.value)
    assert "position" in str(refused.value)


def test_the_zone_of_the_machine_is_taken_where_none_is_given() -> None:
    noon = datetime(2026, 1, 31, 12)  # noqa: DTZ001  as somebody types it
    assert moment_of("2026-01-31T12:00", now=NOW, zone=None) == noon.astimezone(UTC)
