"""Every call to the server goes through here: it ends in time, and fails in words of ours.

The driver's own texts name the documents it could not write, e-mail addresses and all, and
so would its errors as causes in a traceback: neither gets out.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
)

ANY_TEXT: CodecOptions[dict[str, Any]] = CodecOptions(
    unicode_decode_error_handler="backslashreplace",
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)
"""One string that is not UTF-8, or a date beyond the calendar's, must not keep the driver from
reading the documents beside it. What it makes of such a string is no JSON."""

_ABSENCES = (
    "Connect call failed",
    "Connection refused",
    "No route to host",
    "Network is unreachable",
    "Name or service not known",
    "Temporary failure in name resolution",
    "timed out",
)
"""In the driver's texts there is nothing else that tells an absent server from another one."""


@contextmanager
def bounded(seconds: float, unavailable: Callable[[str], Exception]) -> Iterator[None]:
    """All calls within take at most so long together; their errors become `unavailable`.

    The driver may swallow that its task is cancelled in the middle of a call: it is raised here.
    """
    cancelled_before = _times_cancelled()
    try:
        with pymongo.timeout(seconds):
            yield
    except PyMongoError as error:
        if _times_cancelled() > cancelled_before:
            raise asyncio.CancelledError from None
        raise unavailable(in_words(error)) from None
    if _times_cancelled() > cancelled_before:
        raise asyncio.CancelledError


def _times_cancelled() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def is_absence(error: PyMongoError) -> bool:
    """Whether nobody answers there in time, who may do so later: rather than somebody who wants
    to be spoken to otherwise."""
    if isinstance(error, ExecutionTimeout):
        return True
    return isinstance(error, ConnectionFailure) and any(one in str(error) for one in _ABSENCES)


def in_words(error: PyMongoError) -> str:
    """What happened, in one line that holds no secret and no document."""
    match error:
        case OperationFailure():
            name = (error.details or {}).get("codeName") or type(error).__name__
            return f"MongoDB refused: {name}, code {error.code}"
        case ConnectionFailure():
            reason = str(error).partition(" (configured timeouts")[0].partition(", Timeout:")[0]
            return reason.strip().rstrip(":").splitlines()[0]
        case InvalidOperation():
            return "its connection has been closed"
        case ConfigurationError():
            return str(error).splitlines()[0]
        case _:
            return type(error).__name__
