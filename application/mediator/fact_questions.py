"""What can be asked about single facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.mediator.mediator import Query
from application.ports.event_store import RecordedEvent
from domain.lab_instance.events import LabInstanceEvent
from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class LabFact:
    """One recorded event of a lab, and the incarnation that it is about."""

    key: LabKey
    uid: str
    event: LabInstanceEvent
    recorded: RecordedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class FactPage:
    """Facts in the order in which they were recorded, as of `position`."""

    facts: Sequence[LabFact]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFact(Query[LabFact | None]):
    """The fact at a version of a lab's stream."""

    key: LabKey
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentFacts(Query[FactPage]):
    """The newest facts, at most `limit`, of one namespace or of all (None): recorded at or
    after `since`, after the position `after`, and up to `upto` (None: until now)."""

    since: datetime
    after: int
    upto: int | None
    namespace: str | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsOfLab(Query[FactPage]):
    """The newest facts under one name, at most `limit`, however old they are: after the
    position `after`, and up to `upto` (None: until now)."""

    key: LabKey
    after: int
    upto: int | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsAfter(Query[FactPage]):
    """The first facts after a position and up to another, at most `limit`."""

    position: int
    upto: int
    limit: int
