"""The views that answer queries, and how the projector writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from application.ports.past_index import NOTHING_PASSED, Passed
from application.ports.selectors import ViewFilter
from application.ports.views import CarriedOut, LabChange, LabInstanceView
from domain.api_object.key import ApiObjectKey
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list, read at one moment.

    `views` are ordered by namespace and name; `more` says whether others follow; `position`
    is what the read model had reached at least.
    """

    views: Sequence[LabInstanceView]
    more: bool
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSearch:
    """What the views know of a command: everything up to `position` was searched, perhaps more.
    `found`: None where it never was carried out up to there."""

    position: int
    found: CarriedOut | None


class ReadModelUnavailable(Exception):
    """The read model cannot be reached or used now; trying again later may succeed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the read model is unavailable: {reason}")


class UnreadableReadModel(ReadModelUnavailable):
    """What is stored is damaged: trying again does not help, making the views anew does."""


class ViewsSetBack(ReadModelUnavailable):
    """The views are no longer as far as they were: somebody cleared them, or put older ones in
    their place. Nothing was written. To write on as if nothing had happened would leave a gap:
    ask for their position, and go on from there."""

    def __init__(self) -> None:
        super().__init__("the views are no longer as far as they were")


class UnreadableView(ReadModelUnavailable):
    """The view of one lab or API object is there and cannot be read; all others can."""

    def __init__(self, key: LabKey | ApiObjectKey) -> None:
        self.key = key
        named = f"lab {key}" if isinstance(key, LabKey) else str(key)
        super().__init__(
            f"the view of {named} cannot be read; it is made anew from the log, so try again"
        )


class ForeignReadModel(Exception):
    """The views were made from another log; used with this one they would be wrong."""

    def __init__(self) -> None:
        super().__init__(
            "the views in the read model are of another event store: name the read model that "
            "belongs to this one, or replace them with labctl rebuild --take-over"
        )


class ViewsAhead(ForeignReadModel):
    """The views were made from more than the log holds: it lost something, or is an older one."""

    def __init__(self, position: int, head: int) -> None:
        Exception.__init__(
            self,
            f"the views in the read model have reached position {position}, which the log, up to "
            f"{head}, does not hold: it lost events, or an older copy of it was restored. If the "
            "log is right, make the views anew with labctl rebuild",
        )


class LogSetBack(ForeignReadModel):
    """The log does not hold an event that it held: an older copy of it was restored, which may
    have gone on since. Versions that were given then may mean other events now."""

    def __init__(self, position: int) -> None:
        self.position = position
        Exception.__init__(
            self,
            f"the event store does not hold the event that stood at position {position}: an "
            "older copy of it was restored. If that is right, stop every service and run labctl "
            "rebuild: a new epoch of the log begins, and clients list again",
        )


class ReadModel(Protocol):
    """The present labs, one view each; deleted labs have none.

    Every method raises ReadModelUnavailable when the store cannot be used.
    """

    async def get(self, key: LabKey) -> LabInstanceView | None:
        """The lab of that name, or None. Raises UnreadableView; what gives many views leaves
        out those that cannot be read."""

    async def find(self, wanted: ViewFilter, *, after: LabKey | None, limit: int) -> Page:
        """The first `limit` labs that match, after the key given, by namespace and name.
        Every criterion of the filter is served by an index."""

    async def count(self, wanted: ViewFilter) -> int:
        """How many labs match."""

    async def due(self, now: datetime, *, limit: int) -> Sequence[LabInstanceView]:
        """Labs whose `due_at` is at or before `now`, the longest overdue first."""

    async def owned(self, uids: Sequence[str]) -> Mapping[str, LabInstanceView]:
        """Of the uids given, those that are present labs, with their views."""

    async def unsettled(self, *, after: LabKey | None, limit: int) -> Page:
        """Labs that are not failed, by namespace and name: what the controllers look after."""

    async def count_by_state(self) -> Mapping[LabState, int]:
        """How many labs are in each state; states without labs may be absent."""

    async def position(self) -> int:
        """The checkpoint: everything up to this position is in the views. 0 at the start."""

    async def find_command(self, command: UUID) -> CommandSearch:
        """Whether a command that its sender may repeat was carried out, in any stream, as far as
        the views have come. Served by an index."""

    async def apply(
        self,
        changes: Sequence[LabChange],
        *,
        position: int,
        commands: Sequence[CarriedOut] = (),
        passed: Passed = NOTHING_PASSED,
    ) -> None:
        """Write the changes in order and move the checkpoint to `position`, all or nothing;
        `commands`: what may be repeated of all that was recorded up to there since the last one;
        the index of the past learns what has `passed`, and is never behind the checkpoint for it.

        A change at or before the checkpoint, or older than the view it meets, changes
        nothing, so a repeat is harmless; a checkpoint never moves back. Who reads meanwhile,
        or after a crash in between, may find changes that the checkpoint does not cover
        yet; never the other way round. Raises ViewsSetBack, once, when the checkpoint is no
        longer where this object left it."""

    async def clear(self) -> None:
        """Forget every view and command, the checkpoint and the claim, all or nothing: the start
        of a rebuild."""

    async def claim(self, origin: str) -> None:
        """Remember that the views are of the log of this name. Raises ForeignReadModel, and
        changes nothing, when they are known to be of another log. What only the first word of
        the name was remembered of, as it once was, is the same log."""
