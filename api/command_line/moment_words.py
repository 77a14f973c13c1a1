"""Moments as people write them: `yesterday`, `-2d`, a date, a time, a position. Pure."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from infrastructure.unusable import Unusable

ALLOWED = (
    "now, today, yesterday, so long ago as in -2d or -1h30m, a date as in 2026-01-31, a time as "
    "in 2026-01-31T12:00 (local) or 2026-01-31T12:00:00+01:00, or a position"
)
_PART = re.compile(r"([0-9]{1,9})([wdhms])")
_AGO = re.compile(r"-(?:[0-9]{1,9}[wdhms])+")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_LONGEST_SHOWN = 60


class UnreadableMoment(Unusable):
    """The text names no moment; the message says what would."""

    def __init__(self, text: str, allowed: str = ALLOWED) -> None:
        super().__init__(f"{text[:_LONGEST_SHOWN]!r} is no moment: say {allowed}")


def moment_of(text: str, *, now: datetime, zone: tzinfo | None) -> int | datetime:
    """The position, or the time, in UTC, that the text names. A day is the moment at which it
    began, in the zone; None is the zone of the machine. Raises UnreadableMoment."""
    if text.isascii() and text.isdigit():
        return _position(text)
    try:
        return _time(text.strip(), now, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnreadableMoment(text) from None


def _position(text: str) -> int:
    if not text.strip("0") or len(text) > len(str(2**63)) - 1:
        raise UnreadableMoment(text, "a position from 1 to 999999999999999999")
    return int(text)


def _time(text: str, now: datetime, zone: tzinfo | None) -> datetime:
    if text == "now":
        return now
    if _AGO.fullmatch(text):
        return now - sum((_length(*part) for part in _PART.findall(text)), timedelta(0))
    if text in ("today", "yesterday"):
        day = now.astimezone(zone).date() - timedelta(days=text == "yesterday")
        return _local(datetime.combine(day, time.min), zone)
    read = datetime.fromisoformat(text)
    return _local(read, zone) if read.tzinfo is None else read


def _local(naive: datetime, zone: tzinfo | None) -> datetime:
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)


def _length(amount: str, unit: str) -> timedelta:
    return timedelta(**{_UNITS[unit]: int(amount)})
