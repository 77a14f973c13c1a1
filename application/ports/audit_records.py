"""What the log tells over all labs: who did what, which labs ever were, how long they were ready,
and in which state they were when. Derived from the log, and made anew from it at any time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from application.ports.checkpoints import Checkpoint
from application.ports.views import LabInstanceView
from domain.lab_instance.key import LabKey
from domain.lab_instance.status import LabState


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One recorded event: who did what to what, and when by the event's own time.

    `resource` is the plural of what it is about (`labinstances`, `namespaces`, …); `namespace`
    and `uid` may be empty. `verb` is the word of the API for a wish of a client, and empty for
    what loops record. `version`, `id` and `hash` are the event's own.
    """

    position: int
    version: int
    id: str
    at: datetime
    type: str
    verb: str
    resource: str
    namespace: str
    name: str
    uid: str
    actor: str
    on_behalf_of: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """For whom and for what a lab is: what its time is summed up by."""

    student: str
    template: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One incarnation of a lab. `gone_at` is None while it lives; the attribution is the one
    that it has, or had last."""

    uid: str
    namespace: str
    name: str
    created_position: int
    created_at: datetime
    creator: str
    attribution: Attribution
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeChange:
    """What a life is like from now on."""

    uid: str
    attribution: Attribution
    gone_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A lab's state became another one. `former` is None where the lab begins; a lab that is gone
    is in the state deleted."""

    position: int
    at: datetime
    uid: str
    namespace: str
    name: str
    former: LabState | None
    state: LabState


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """A lab as it was after the version of its stream: where a reader of a long history may
    begin, instead of at its start."""

    version: int
    view: LabInstanceView


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What one event leaves in the records: what became of the life of the act's uid.

    `opens`: from here on the lab is ready, and its time is counted so. `closes`: until here it
    was, whatever its time was counted by. `resting`: kept once in a while.
    """

    act: Act
    begins: Life | None = None
    changes: LifeChange | None = None
    transition: Transition | None = None
    opens: Attribution | None = None
    closes: bool = False
    resting: Resting | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which part of what is ordered by position: after and before the positions given, the
    newest first or the oldest, at most `limit`."""

    after: int = 0
    before: int | None = None
    newest_first: bool = True
    limit: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFilter:
    """Which acts are wanted; None and nothing mean any. `since` is included, `until` is not."""

    actor: str | None = None
    on_behalf_of: str | None = None
    verbs: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    resource: str | None = None
    namespace: str | None = None
    name: str | None = None
    uid: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeFilter:
    """Which lives are wanted; None means any. A life belongs to the time from `since` to `until`
    when it was not over at the one and had begun before the other."""

    namespace: str | None = None
    name: str | None = None
    uid: str | None = None
    student: str | None = None
    template: str | None = None
    alive: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


class UsageBy(Enum):
    """By what usage is summed up. A lab without the label has none, which is a row of its own."""

    STUDENT = "student"
    TEMPLATE = "template"
    NAMESPACE = "namespace"
    LAB = "lab"
    LABEL = "label"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuestion:
    """How long labs were ready from `since` to `until`, summed up. `label` is the key of the
    label where it is summed up by one. A lab that is ready still counts until `until`."""

    by: UsageBy
    label: str
    since: datetime
    until: datetime
    namespace: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The time that labs of one student, template, … were ready, and how many labs those were.
    `of` is None for labs without the label."""

    of: str | None
    ready: timedelta
    labs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many labs were in each state at a moment; states without labs may be absent."""

    at: datetime
    states: Mapping[LabState, int]


class AuditRecords(Protocol):
    """The records, and how the recorder writes them.

    Every method raises ReadModelUnavailable when the store cannot be used now, and
    UnreadableReadModel when what is stored is damaged; clearing helps then.
    """

    async def checkpoint(self) -> Checkpoint | None:
        """How far the records go, and in which log; None at the beginning."""

    async def record(self, traces: Sequence[Trace], *, checkpoint: Checkpoint) -> None:
        """Write the traces, in the order of the log, and move the checkpoint. What is at or
        before the checkpoint of the same log was written before and changes nothing: neither
        does a checkpoint that is not beyond the one that is there."""

    async def clear(self) -> None:
        """Forget everything: it is made anew from the log."""

    async def acts(self, wanted: ActFilter, reading: Reading) -> Sequence[Act]:
        """The acts that match, by position."""

    async def lives(self, wanted: LifeFilter, reading: Reading) -> Sequence[Life]:
        """The lives that match, by the position of their creation."""

    async def usage(self, question: UsageQuestion) -> Sequence[Usage]:
        """The sums, those of most time first."""

    async def counts(self, since: datetime, step: timedelta, number: int) -> Sequence[Counts]:
        """The counts at `since` and at each of `number` - 1 steps after it; a moment counts what
        happened before it. `since` is a multiple of `step` after 1970."""

    async def resting_at(self, key: LabKey, *, version: int) -> Resting | None:
        """The lab of that name as it was at the version, or at the nearest one before it at which
        it was kept; None where there is none."""

    async def journal(self, *, after: int, upto: int, limit: int) -> Sequence[Transition]:
        """The transitions after one position up to another, the oldest first."""
