"""What can be asked. Each names its answer's type; the modules beside this one answer."""

from dataclasses import dataclass
from datetime import datetime

from application.mediator.mediator import Query
from application.ports.read_model import Page
from application.ports.selectors import ViewFilter
from application.ports.views import LabInstanceView
from domain.lab_instance.key import LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The present, at least as of `not_older_than` (None: all that this service wrote)."""

    not_older_than: int | None


NOW = Latest(not_older_than=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtPosition:
    """The past, exactly as of this position."""

    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTime:
    """The past, as of this moment: after the last event whose own time is at or before it."""

    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The present without waiting for the views: as this process last wrote it, else from the
    log. It may be stale; a command decided on it then meets a conflict, and the retry asks for
    the conflicting version at least."""

    not_older_than: int


AS_THE_LOG_TELLS = Recorded(not_older_than=2**63 - 1)
"""The present without a bet: whatever another process has written is in it."""

Moment = Latest | AtPosition | AtTime


@dataclass(frozen=True, slots=True, kw_only=True)
class GetLabInstance(Query[LabInstanceView]):
    """One lab. Raises LabInstanceNotFound when there was none at that moment."""

    key: LabKey
    moment: Moment | Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLabInstances(Query[Page]):
    """One page of the labs that match, by namespace and name, after the key given."""

    wanted: ViewFilter
    moment: Moment
    after: LabKey | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountLabInstances(Query[int]):
    """How many labs match at present."""

    wanted: ViewFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTime(Query[datetime | None]):
    """When the log was at this position: the own time of the last event up to there; None when
    there is none."""

    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GetLogs(Query[str]):
    """The last lines the lab's runtime wrote. Raises LabInstanceNotFound, RuntimeNotFound."""

    key: LabKey
    tail: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAccessLink(Query[str]):
    """The link into the running lab, with its secret. Ask only after GrantAccess was
    recorded. Raises LabInstanceNotFound, RuntimeNotFound."""

    key: LabKey


class ResourceVersionExpired(Exception):
    """The position asked for belongs to a time line that the log has left: what was known as of
    it is not known any more, and who asks has to list again."""

    def __init__(self, requested: int) -> None:
        self.requested = requested
        super().__init__(
            f"resource version {requested} was given before the log was put back or accepted "
            "with a loss, and what it stands for is lost; list again"
        )


class ResourceVersionTooLarge(Exception):
    """The position asked for has not been reached in the time one may wait."""

    def __init__(self, requested: int, reached: int) -> None:
        self.requested = requested
        self.reached = reached
        super().__init__(f"Too large resource version: {requested}, current: {reached}")
