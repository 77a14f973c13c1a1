"""Opens watches of any kind: how long they last, and what their bookmarks look like."""

from collections.abc import AsyncIterator
from typing import TypeVar

from api.kubernetes.options import WatchOptions
from api.kubernetes.representations import Representation
from api.services import ApiLimits
from api.watching.watch_events import line
from api.watching.watch_response import AtTheEnd, Quiet, WatchResponse, WatchTimes

T = TypeVar("T")


def lifetime(options: WatchOptions, limits: ApiLimits) -> float:
    """How many seconds the watch may last."""
    return min(options.timeout or limits.watch_lifetime, limits.watch_lifetime)


def watch_response(
    lines: AsyncIterator[bytes | Quiet],
    form: Representation[T],
    options: WatchOptions,
    limits: ApiLimits,
    trouble: AtTheEnd,
) -> WatchResponse:
    """The answer that streams these lines, for as long as the options and the limits allow."""
    times = WatchTimes(
        lifetime=lifetime(options, limits),
        bookmark_interval=limits.bookmark_interval if options.bookmarks else None,
        write_timeout=limits.write_timeout,
    )
    return WatchResponse(
        lines,
        times,
        lambda position: line("BOOKMARK", form.bookmark(position, initial_events_end=False)),
        trouble,
    )
