"""Fills an empty generation of views: one reading of the log tells who lives, and only what lives
is folded."""

from application.event_log.api_objects import API_OBJECTS, is_api_object_event
from application.event_log.closing import closing_early
from application.event_log.labs import LABS
from application.event_log.passing import Passing
from application.event_log.replay import Replay, view_when
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.past_index import Passed, Within
from application.ports.view_generations import NextViews
from application.ports.views import ApiObjectChange, LabChange, ViewChange
from application.projections.origin import claim_views
from application.projections.reporting import Report

_BATCH = 5000
_LABS_AT_ONCE = 500


async def fold_living(fresh: NextViews, store: EventStore, report: Report) -> None:
    """Up to the present end: the index of the past and the objects with one reading, then the
    labs that are there. The checkpoint moves last. Raises what the stores raise."""
    end = await store.head()
    await claim_views(store, fresh.labs)
    report(0, end)
    await _Reading(fresh, store, report).run(end)
    await _write_living(fresh, store, end)
    await fresh.labs.apply((), position=end)
    report(end, end)


class _Reading:
    def __init__(self, fresh: NextViews, store: EventStore, report: Report) -> None:
        self._fresh = fresh
        self._store = store
        self._report = report
        self._passing = Passing(after=0)
        self._objects = Replay(API_OBJECTS, store)
        self._changes: list[ApiObjectChange] = []

    async def run(self, end: int) -> None:
        taken = 0
        async with closing_early(self._store.read_all(after=0)) as reading:
            async for recorded in reading:
                if recorded.position > end:
                    break
                await self._take(recorded)
                taken += 1
                if taken % _BATCH == 0:
                    await self._write(recorded.position)
                    self._report(recorded.position, end)
        await self._write(end)

    async def _take(self, recorded: RecordedEvent) -> None:
        self._passing.note(recorded)
        if is_api_object_event(recorded.event):
            change = await self._objects.change(recorded)
            self._changes += [change] if change else []

    async def _write(self, position: int) -> None:
        await self._fresh.api_objects.apply(self._changes)
        passed: Passed = self._passing.taken()
        await self._fresh.past.catch_up(passed, position=position)
        self._changes = []


async def _write_living(fresh: NextViews, store: EventStore, end: int) -> None:
    """In pieces that leave the checkpoint where it is, as it is said of all of them."""
    after = None
    while True:
        alive = await fresh.past.alive(end, Within(), after=after, limit=_LABS_AT_ONCE)
        changes: list[LabChange] = []
        for one in alive:
            view = await view_when(LABS, store, one.key, upto=end, first_version=one.first_version)
            if view is not None:
                changes.append(
                    ViewChange(
                        position=view.resource_version,
                        key=one.key,
                        before=None,
                        after=view,
                        deleted=None,
                    )
                )
        await fresh.labs.apply(changes, position=0)
        if len(alive) < _LABS_AT_ONCE:
            return
        after = alive[-1].key
