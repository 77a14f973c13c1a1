"""Makes all views again from the log, beside those in use, compares, and switches."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace

from application.event_log.api_objects import API_OBJECTS, is_api_object_event
from application.event_log.carried_out import carried_out
from application.event_log.labs import LABS
from application.event_log.passing import Passing
from application.event_log.replay import Replay
from application.ports.event_store import EventStore, RecordedEvent
from application.ports.read_model import ReadModel, UnreadableReadModel
from application.ports.selectors import EVERYTHING
from application.ports.view_generations import NextViews, ViewGenerations
from application.ports.views import ApiObjectChange, CarriedOut, LabChange, LabInstanceView
from application.projections.living import fold_living
from application.projections.origin import claim_views
from application.projections.reporting import Report
from domain.lab_instance.key import LabKey

_BATCH = 500
_PAGE = 500
_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """So many views, up to this position; so many of those in use differed, the
    first of which are named. `unreadable`: why those in use could not be compared."""

    views: int
    position: int
    differing: int
    examples: tuple[LabKey, ...]
    unreadable: str = ""


async def rebuild(
    store: EventStore, present: ReadModel, generations: ViewGenerations, report: Report
) -> Rebuilt:
    """Replace the views by new ones of this log, whatever they were. The service may go on
    meanwhile where its store can bear it. Raises what the stores raise, and SwitchLost."""
    fresh = await generations.begin()
    await fold_living(fresh, store, report)
    rebuilt = await _compared_if_readable(present, fresh.labs)
    await _fill(fresh, store, report)  # what has come in while they were compared
    await generations.switch()
    return rebuilt


async def _fill(fresh: NextViews, store: EventStore, report: Report) -> None:
    """Up to the present end, on from where it is."""
    end, start = await store.head(), await fresh.labs.position()
    await claim_views(store, fresh.labs)
    folding = _Folding(store, after=start)
    report(start, end)
    async for recorded in store.read_all(after=start):
        if recorded.position > end:
            break
        if await folding.take(recorded) == _BATCH:
            await folding.write(fresh, position=recorded.position)
            report(recorded.position, end)
    await folding.write(fresh, position=end)
    report(end, end)


class _Folding:
    """Folds events into changes of labs and of objects, and writes them."""

    def __init__(self, store: EventStore, *, after: int) -> None:
        self._passing = Passing(after=after)
        self._labs, self._api_objects = Replay(LABS, store), Replay(API_OBJECTS, store)
        self._of_labs: list[LabChange] = []
        self._of_objects: list[ApiObjectChange] = []
        self._commands: list[CarriedOut] = []
        self._taken = 0

    async def take(self, recorded: RecordedEvent) -> int:
        """How many events were taken since the last writing."""
        self._taken += 1
        self._commands += carried_out((recorded,))
        self._passing.note(recorded)
        if is_api_object_event(recorded.event):
            change = await self._api_objects.change(recorded)
            self._of_objects += [change] if change else []
        else:
            seen = await self._labs.change(recorded)
            self._of_labs += [seen] if seen else []
        return self._taken

    async def write(self, fresh: NextViews, *, position: int) -> None:
        """Objects first, as the position of the labs counts for both."""
        await fresh.api_objects.apply(self._of_objects)
        passed = self._passing.taken()
        await fresh.labs.apply(
            self._of_labs, position=position, commands=self._commands, passed=passed
        )
        self._of_objects, self._of_labs, self._commands, self._taken = [], [], [], 0


async def _compared_if_readable(present: ReadModel, fresh: ReadModel) -> Rebuilt:
    """The cure does not need the sick part: views that cannot be read are only not compared."""
    try:
        return await _compared(present, fresh)
    except UnreadableReadModel as error:
        alone = await _compared(fresh, fresh)
        return replace(alone, unreadable=error.reason)


async def _compared(present: ReadModel, fresh: ReadModel) -> Rebuilt:
    """Only what both can know counts: changes beyond the position that both have reached are
    no differences."""
    position = await fresh.position()
    common = min(position, await present.position())
    views = differing = 0
    examples: list[LabKey] = []
    async with aclosing(_side_by_side(present, fresh)) as pairs:
        async for key, before, after in pairs:
            views += after is not None
            newest = max(one.resource_version for one in (before, after) if one is not None)
            if before != after and newest <= common:
                differing += 1
                examples.append(key)
    return Rebuilt(
        views=views, position=position, differing=differing, examples=tuple(examples[:_SHOWN])
    )


_Pair = tuple[LabKey, LabInstanceView | None, LabInstanceView | None]


async def _side_by_side(one: ReadModel, other: ReadModel) -> AsyncGenerator[_Pair, None]:
    """Every lab that either knows, in the order of the keys."""
    left, right = _all(one), _all(other)
    first, second = await anext(left, None), await anext(right, None)
    while first or second:
        key = min(view.lab.key for view in (first, second) if view)
        mine = first if first and first.lab.key == key else None
        theirs = second if second and second.lab.key == key else None
        yield key, mine, theirs
        first = await anext(left, None) if mine else first
        second = await anext(right, None) if theirs else second


async def _all(read_model: ReadModel) -> AsyncIterator[LabInstanceView]:
    after: LabKey | None = None
    while True:
        page = await read_model.find(EVERYTHING, after=after, limit=_PAGE)
        for view in page.views:
            yield view
        if not page.more:
            return
        after = page.views[-1].lab.key
