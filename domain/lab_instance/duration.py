"""Durations as people write them: Go's notation, `90s`, `60m`, `1h30m`."""

import re
from datetime import timedelta
from functools import lru_cache

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|ms|m|s)")
_WHOLE = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:h|ms|m|s))+")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_LONGEST = timedelta(days=3650)


class InvalidDuration(ValueError):
    """The text is not a duration, or one that cannot be kept."""


@lru_cache(maxsize=1024)
def parse_duration(text: str) -> timedelta:
    """The length that `text` names. Raises InvalidDuration unless it is positive and sane."""
    if len(text) > 32 or not _WHOLE.fullmatch(text):
        raise InvalidDuration("must be a duration such as 90s, 60m or 1h30m")
    seconds = sum(float(amount) * _SECONDS[unit] for amount, unit in _PART.findall(text))
    if seconds > _LONGEST.total_seconds():
        raise InvalidDuration(f"must be at most {format_duration(_LONGEST)}")
    if seconds < 1:
        raise InvalidDuration("must be at least 1s")
    return timedelta(seconds=seconds)


def format_duration(length: timedelta) -> str:
    """The shortest notation of `length`, to the millisecond: `1h30m`, `90s` becomes `1m30s`."""
    milliseconds = round(length.total_seconds() * 1000)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"), (milliseconds, "ms"))
    return "".join(f"{amount}{unit}" for amount, unit in parts if amount) or "0s"
