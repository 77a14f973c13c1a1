"""What can be asked of the audit's records. Each answer says how far the records go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from application.mediator.mediator import Query
from application.ports.audit_records import (
    Act,
    ActFilter,
    Counts,
    Life,
    LifeFilter,
    Reading,
    Transition,
    Usage,
    UsageQuestion,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAnswer(Generic[T]):
    """What was found, when the records went up to `position` of the log that begins with the
    event `log`; it is empty while nothing was ever recorded."""

    found: Sequence[T]
    position: int
    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetActs(Query[AuditAnswer[Act]]):
    """Acts that match."""

    wanted: ActFilter
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class GetLives(Query[AuditAnswer[Life]]):
    """Labs that ever were, and match."""

    wanted: LifeFilter
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class GetUsage(Query[AuditAnswer[Usage]]):
    """How long labs were ready, summed up."""

    question: UsageQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCounts(Query[AuditAnswer[Counts]]):
    """How many labs were in each state, at `number` moments from `since` on, `step` apart."""

    since: datetime
    step: timedelta
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GetJournal(Query[AuditAnswer[Transition]]):
    """At most `limit` transitions after one position, up to another; None is the end."""

    after: int
    upto: int | None
    limit: int
