"""Mistakes in how events become views, and views reach those who watch."""

from typing import Any

from application.event_log.inbox import Inbox
from application.event_log.newest_changes import newest_of_each
from application.projections.origin import _refuse_ahead
from application.projections.projector import Projector
from application.projections.watch_feed import ChangeFeed
from infrastructure.memory.read_model import MemoryReadModel
from tests.simulation.mutants.mutant import Mutant, function, method


def _checkpoint_first(original: Any) -> Any:
    async def _write(self: Any, events: Any) -> None:
        await self._read_model.apply([], position=events[-1].position)
        await original(self, events)

    return _write


def _one_late(original: Any) -> Any:
    async def fill(self: Any, store: Any, *, after: int) -> None:
        await original(self, store, after=after + 1)

    return fill


def _floor_forgotten(original: Any) -> Any:
    def begin_at(self: Any, position: int) -> None:
        self.published.advance(position)

    return begin_at


def _oldest_of_each(original: Any) -> Any:
    def oldest(changes: Any) -> Any:
        return original([*changes][:1])

    return oldest


def _follows_anything(original: Any) -> Any:
    async def accept(store: Any, read_model: Any) -> None:
        return

    return accept


def _older_wins(original: Any) -> Any:
    async def apply(
        self: Any, changes: Any, *, position: int, commands: Any = (), passed: Any = None
    ) -> None:
        for change in changes:
            self._views.pop(change.key, None)
            if change.after is not None:
                self._views[change.key] = change.after
        self._position = max(self._position, position)

    return apply


IN_PROJECTIONS = {
    "checkpoint-first": Mutant(
        mistake="the checkpoint moves before the views are written",
        apply=method(Projector, "_write", _checkpoint_first),
    ),
    "subscription-one-late": Mutant(
        mistake="the subscription begins after the first event that is missing",
        apply=method(Inbox, "fill", _one_late),
    ),
    "floor-forgotten": Mutant(
        mistake="a feed that begins late does not know what it has missed",
        apply=method(ChangeFeed, "begin_at", _floor_forgotten),
    ),
    "batch-loses-views": Mutant(
        mistake="of a batch of changes only the first one's lab is written",
        apply=function(newest_of_each, _oldest_of_each),
    ),
    "older-view-wins": Mutant(
        mistake="a late write replaces a newer view",
        apply=method(MemoryReadModel, "apply", _older_wins),
    ),
    "foreign-checkpoint": Mutant(
        mistake="views that are ahead of the log are followed",
        apply=function(_refuse_ahead, _follows_anything),
    ),
}
