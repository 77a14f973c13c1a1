"""What can be asked of one lab's past: what happened to it, and why it is as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.mediator.mediator import Query
from application.mediator.questions import AtPosition, AtTime, Latest
from application.ports.event_store import RecordedEvent, UndecodableEvent
from application.ports.views import LabInstanceView
from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One recorded event, with the lab before and after it, and the event of the same lab that
    it follows from; None where a person or a loop began it, or it is further back."""

    recorded: RecordedEvent
    before: LabInstanceView | None
    after: LabInstanceView | None
    cause: RecordedEvent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilter:
    """Which events are wanted; None and nothing mean any. `since` is included, `until` is not."""

    actor: str | None = None
    types: frozenset[str] = frozenset()
    uid: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def takes_all(self) -> bool:
        """Whether every event is wanted."""
        return self == _ANY


_ANY = HistoryFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """What happened, in the order asked for. `rest`: the version next to which those that follow
    are; None after the last. `undecodable`: the event that nobody can read, and beyond which
    nothing can be told."""

    happenings: Sequence[Happening]
    rest: int | None
    undecodable: UndecodableEvent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetHistory(Query[HistoryPage]):
    """What happened under a name, through all incarnations: at most `limit` events, after the
    version `beside` or, the newest first, before it; 0 is the beginning of either. A page may
    hold fewer than there are, for it looks at so many events only. Raises LabInstanceNotFound
    when nothing ever happened there."""

    key: LabKey
    wanted: HistoryFilter
    newest_first: bool
    beside: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Why a lab is, or was, in a state: what led to it, each followed by its cause,
    down to the one that a person or a loop began. `more`: the chain is longer."""

    view: LabInstanceView
    chain: Sequence[Happening]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GetReasons(Query[Reasons]):
    """Why the lab was as it was at a moment. One that is gone is asked for as well. Raises
    LabInstanceNotFound when nothing was there yet."""

    key: LabKey
    moment: Latest | AtPosition | AtTime
