"""Where in the log each lab lived, and which times its pieces are of: what keeps the past from
costing a reading of the whole log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """One incarnation: its events are those of its stream from `first_version` on, the first at
    position `born`, at its own time `born_at`; the last at `gone` and `last_version`, which are
    None while the lab is there."""

    key: LabKey
    uid: str
    first_version: int
    born: int
    born_at: datetime
    gone: int | None = None
    last_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The lab of that name was deleted by the event of this version and position."""

    key: LabKey
    version: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The `events` after one position, up to the `last`, whose own times go on as time does:
    from `begins` to `ends`, without a fall or a leap."""

    after: int
    last: int
    begins: datetime
    ends: datetime
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What the index has to learn of events that were passed, in their order. A stretch that
    was told before may be told again, longer."""

    born: Sequence[Lifetime] = ()
    ended: Sequence[Ending] = ()
    stretches: Sequence[Stretch] = ()


NOTHING_PASSED = Passed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Which names are asked for: those of a namespace, or one name; None is all."""

    namespace: str | None = None
    name: str | None = None


class PastIndex(Protocol):
    """The lifetimes of all labs that ever were. It is written with the views, by
    `ReadModel.apply`, and forgotten with them; all of it can be made anew from the log.

    Every method raises ReadModelUnavailable when the store cannot be used.
    """

    async def reached(self) -> int:
        """Everything up to this position is in the index. It may be less than the position of
        the views: where an older program wrote those, until `catch_up` has made up for it."""

    async def alive(
        self, position: int, within: Within, *, after: LabKey | None, limit: int
    ) -> Sequence[Lifetime]:
        """The first `limit` that were born at or before the position and not gone by then, after
        the key given, by namespace and name. Exact up to `reached`."""

    async def latest(
        self, key: LabKey, *, position: int | None = None, version: int | None = None
    ) -> Lifetime | None:
        """The last one of that name that began at or before a position, or a version."""

    async def stretches(self) -> Sequence[Stretch]:
        """All, in the order of positions. After a crash one may reach into the next; the last one
        may lack the newest events up to `reached`."""

    async def catch_up(self, passed: Passed, *, position: int) -> None:
        """Learn what lies between `reached` and a position that the views have passed long ago,
        all or nothing. Only for who writes the views, who does not meanwhile. A repeat is
        harmless."""
