"""What controllers and the reconciler ask of one incarnation of a lab. Never refused: what comes
late leads to nothing."""

from dataclasses import dataclass
from datetime import timedelta

from domain.lab_instance.key import LabKey
from domain.lab_instance.retry import RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class StartProvisioning:
    """From a controller: begin an attempt that must end within `timeout`."""

    lab: LabKey
    uid: str
    timeout: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PostponeProvisioning:
    """From a controller: the provisioner is out of service."""

    lab: LabKey
    uid: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReady:
    """From a controller: runtime number `revision` answers."""

    lab: LabKey
    uid: str
    revision: int
    endpoint: str
    isolation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProvisioningFailure:
    """From a controller: the attempt failed. `permanent` failures are not tried again."""

    lab: LabKey
    uid: str
    revision: int
    reason: str
    message: str
    permanent: bool
    retry: RetryPolicy
    jitter: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteDeletion:
    """From a controller: the runtime is proven absent."""

    lab: LabKey
    uid: str
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOutProvisioning:
    """From the reconciler or a controller: the attempt passed its deadline. `missed`: how much
    of its time nobody could look at it; that much later is its deadline."""

    lab: LabKey
    uid: str
    revision: int
    retry: RetryPolicy
    jitter: float
    missed: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireLabInstance:
    """From the reconciler or a controller: the lab's time is up."""

    lab: LabKey
    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDrift:
    """From the reconciler or a controller: the runtime is not as recorded."""

    lab: LabKey
    uid: str
    revision: int
    reason: str
    message: str
    retry: RetryPolicy
    jitter: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeProvisioning:
    """From the reconciler: the lab waits and nobody works on it."""

    lab: LabKey
    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeDeletion:
    """From the reconciler: the deletion makes no progress."""

    lab: LabKey
    uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeletionFailure:
    """From a controller: something of the lab could not be removed and is tried again."""

    lab: LabKey
    uid: str
    reason: str
    message: str


ControlCommand = (
    StartProvisioning
    | PostponeProvisioning
    | MarkReady
    | RecordProvisioningFailure
    | CompleteDeletion
    | TimeOutProvisioning
    | ExpireLabInstance
    | ReportDrift
    | ResumeProvisioning
    | ResumeDeletion
    | RecordDeletionFailure
)
"""What controllers and the reconciler ask of one incarnation."""
