"""Watches of any kind of resource: what is listed first, and which lines follow."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol, TypeVar

from api.errors.error_table import expired
from api.kubernetes.options import WatchOptions
from api.kubernetes.representations import Representation
from api.kubernetes.status import Status
from api.services import ApiLimits
from api.watching.watch_events import line
from api.watching.watch_opening import lifetime, watch_response
from api.watching.watch_response import Quiet, WatchResponse
from application.mediator.questions import NOW, Latest, ResourceVersionTooLarge
from application.ports.views import ApiObjectView, LabInstanceView, ViewChange
from application.projections.watch_feed import Bookmark, ChangeFeed

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
V = TypeVar("V", LabInstanceView, ApiObjectView)
K = TypeVar("K")
Seen = tuple[str, T]
"""The type of a watch event, and its object."""


class Watched(Protocol[T_co]):
    """What one watch is about: a selection of resources of one kind."""

    @property
    def published(self) -> int:
        """The position that watches have come to."""

    async def first(self, latest: Latest) -> tuple[int, AsyncIterator[T_co]]:
        """All that is selected, and as of which position. Raises ResourceVersionTooLarge."""

    def follow(self, after: int) -> AsyncGenerator[Seen[T_co] | Bookmark, None]:
        """What the selection sees change after the position, for ever, with a Bookmark
        whenever there is no more for now. Raises ResourceVersionTooLarge."""


async def begin_watch(
    watched: Watched[T], options: WatchOptions, form: Representation[T], limits: ApiLimits
) -> WatchResponse:
    """A watch from where the options say. What can be refused is refused now, before the first
    line; raises ResourceVersionTooLarge."""
    first: AsyncIterator[T] | None = None
    start = options.since
    if options.lists_first:
        start, first = await _first(watched, options, lifetime(options, limits))
    elif options.starts_now:
        start = watched.published
    lines = _lines(watched, first, start, form, end_mark=bool(options.initial))

    def not_reached() -> Status | None:
        """However little time a client has: it has to learn that its version is none of ours."""
        return expired(start, watched.published) if start > watched.published else None

    return watch_response(lines, form, options, limits, not_reached)


async def _first(
    watched: Watched[T], options: WatchOptions, within: float
) -> tuple[int, AsyncIterator[T]]:
    if not options.since:
        return await watched.first(NOW)
    try:
        async with asyncio.timeout(within):
            return await watched.first(Latest(not_older_than=options.since))
    except TimeoutError:
        raise ResourceVersionTooLarge(options.since, watched.published) from None


async def _lines(
    watched: Watched[T],
    first: AsyncIterator[T] | None,
    start: int,
    form: Representation[T],
    *,
    end_mark: bool,
) -> AsyncIterator[bytes | Quiet]:
    if first is not None:
        async for item in first:
            yield line("ADDED", form.watched(item))
    if end_mark:
        yield line("BOOKMARK", form.bookmark(start, initial_events_end=True))
    async with aclosing(watched.follow(start)) as following:
        async for seen in following:
            if isinstance(seen, Bookmark):
                yield Quiet(position=seen.position)
            else:
                kind, item = seen
                yield line(kind, form.watched(item))


async def one_by_one(items: Iterable[T]) -> AsyncIterator[T]:
    """What is at hand, for a `first`."""
    for item in items:
        yield item


async def follow_views(
    feed: ChangeFeed[ViewChange[K, V]], after: int, matches: Callable[[V], bool]
) -> AsyncGenerator[Seen[V] | Bookmark, None]:
    """The `follow` of views that a feed publishes."""
    async with aclosing(feed.changes(after=after)) as changes:
        async for change in changes:
            if isinstance(change, Bookmark):
                yield change
            elif (seen := seen_through(change, matches)) is not None:
                yield seen


def seen_through(change: ViewChange[K, V], matches: Callable[[V], bool]) -> Seen[V] | None:
    """The event that a change is to a watcher; None when it is none.

    What stops matching is DELETED, as it last matched but with the version of the change; what
    begins to match is ADDED.
    """
    before, after = change.before, change.after
    was_in = before is not None and matches(before)
    if after is not None and matches(after):
        return ("MODIFIED" if was_in else "ADDED"), after
    if not was_in or before is None:
        return None
    return "DELETED", change.deleted or replace(before, resource_version=change.position)


async def states_before(
    feed: ChangeFeed[ViewChange[K, V]], start: int, end: int
) -> Mapping[K, V | None]:
    """Every view that changed after `start` and until `end`, as it was at `start`."""
    earlier: dict[K, V | None] = {}
    async with aclosing(feed.changes(after=start)) as changes:
        async for change in changes:
            if isinstance(change, ViewChange) and change.position <= end:
                earlier.setdefault(change.key, change.before)
            elif change.position >= end:
                break
    return earlier
