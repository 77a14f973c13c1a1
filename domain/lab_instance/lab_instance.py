"""The aggregate: everything that follows from a lab's events, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.lab_instance.field_manager import FieldManager
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec
from domain.lab_instance.status import Condition, LabState


@dataclass(frozen=True, slots=True, kw_only=True)
class LabInstance:
    """One incarnation of a named lab.

    `revision`: the number of runtimes wanted so far; the newest is the one that counts.
    `attempt_deadline`: set while an attempt to bring up that runtime is under way.
    `clock_started_at`: when the lab was ready first; its lifetime counts from there.
    `due_since`: when the lab began to wait for work. `resumptions`: how often the reconciler has
    called for it since.
    `ready_at`: when the lab became ready last; None while it is not.
    `managers`: the owners of fields; empty until a writer names itself.
    `reported`: the fields that clients keep in the status, JSON texts by name.
    """

    key: LabKey
    uid: str
    generation: int
    observed_generation: int
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    created_at: datetime
    deletion_requested_at: datetime | None
    spec: LabInstanceSpec
    extension: timedelta
    state: LabState
    revision: int
    attempt_deadline: datetime | None
    postponed: bool
    endpoint: str | None
    isolation: str
    clock_started_at: datetime | None
    ready_at: datetime | None
    retries: int
    next_retry_at: datetime | None
    due_since: datetime
    resumptions: int
    reason: str
    message: str
    conditions: tuple[Condition, ...]
    managers: tuple[FieldManager, ...]
    reported: Mapping[str, str]

    @property
    def expires_at(self) -> datetime | None:
        """When the lab's time is up; None until it was ready once."""
        if self.clock_started_at is None:
            return None
        return self.clock_started_at + self.spec.lifetime + self.extension
