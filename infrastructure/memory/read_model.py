"""Views in memory: the ReadModel contract by plain search, the yardstick of the others."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from application.event_log.newest_changes import newest_of_each
from application.ports.past_index import NOTHING_PASSED, Passed
from application.ports.read_model import CommandSearch, ForeignReadModel, Page
from application.ports.selectors import ViewFilter
from application.ports.views import CarriedOut, LabChange, LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.policy import due_at
from domain.lab_instance.status import LabState
from infrastructure.memory.past_index import MemoryPastIndex


class MemoryReadModel:
    """The ReadModel contract, as long as the object lives."""

    def __init__(self) -> None:
        self.past = MemoryPastIndex()
        self._views: dict[LabKey, LabInstanceView] = {}
        self._commands: dict[UUID, CarriedOut] = {}
        self._position = 0
        self._origin: str | None = None

    async def get(self, key: LabKey) -> LabInstanceView | None:
        return self._views.get(key)

    async def find(self, wanted: ViewFilter, *, after: LabKey | None, limit: int) -> Page:
        return self._page(wanted.matches, after, limit)

    async def count(self, wanted: ViewFilter) -> int:
        return sum(wanted.matches(view.lab) for view in self._views.values())

    async def due(self, now: datetime, *, limit: int) -> Sequence[LabInstanceView]:
        timed = [(due_at(view.lab), view.lab.key, view) for view in self._views.values()]
        due = [(at, key, view) for at, key, view in timed if at is not None and at <= now]
        due.sort(key=lambda entry: entry[:2])
        return [view for _, _, view in due[:limit]]

    async def owned(self, uids: Sequence[str]) -> Mapping[str, LabInstanceView]:
        wanted = set(uids)
        return {view.lab.uid: view for view in self._views.values() if view.lab.uid in wanted}

    async def unsettled(self, *, after: LabKey | None, limit: int) -> Page:
        return self._page(lambda lab: lab.state is not LabState.FAILED, after, limit)

    async def count_by_state(self) -> Mapping[LabState, int]:
        return Counter(view.lab.state for view in self._views.values())

    async def position(self) -> int:
        return self._position

    async def find_command(self, command: UUID) -> CommandSearch:
        return CommandSearch(position=self._position, found=self._commands.get(command))

    async def apply(
        self,
        changes: Sequence[LabChange],
        *,
        position: int,
        commands: Sequence[CarriedOut] = (),
        passed: Passed = NOTHING_PASSED,
    ) -> None:
        done = self._position
        if position > done:
            self.past.learn(passed, upto=position)
        for one in commands:
            known = self._commands.setdefault(one.command, one)
            if known.position < one.position:
                self._commands[one.command] = one
        for change in newest_of_each(changes).values():
            if change.position > done:
                self._apply(change)
        self._position = max(done, position)

    async def clear(self) -> None:
        self._views.clear()
        self._commands.clear()
        self.past.clear()
        self._position = 0
        self._origin = None

    async def claim(self, origin: str) -> None:
        if self._origin in (None, origin.partition(" ")[0]):
            self._origin = origin
        if self._origin != origin:
            raise ForeignReadModel

    def _apply(self, change: LabChange) -> None:
        present = self._views.get(change.key)
        if present is not None and present.resource_version >= change.position:
            return
        if change.after is None:
            self._views.pop(change.key, None)
        else:
            self._views[change.key] = change.after

    def _page(
        self, wanted: Callable[[LabInstance], bool], after: LabKey | None, limit: int
    ) -> Page:
        keys = sorted(key for key in self._views if after is None or key > after)
        matching = [self._views[key] for key in keys if wanted(self._views[key].lab)]
        return Page(views=matching[:limit], more=len(matching) > limit, position=self._position)
