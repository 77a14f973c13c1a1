"""What may be asked of a lab. Each may be refused, and repeating one changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from domain.lab_instance.field_manager import FieldManager
from domain.lab_instance.key import LabKey
from domain.lab_instance.removal_commands import RecordDeletionFailure, RecordOrphanTermination
from domain.lab_instance.retry import RetryPolicy
from domain.lab_instance.spec import LabInstanceSpec
from domain.precondition import Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLabInstance:
    """From a user. Refused when the name is taken."""

    lab: LabKey
    uid: str
    spec: LabInstanceSpec
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    managers: tuple[FieldManager, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLabInstance:
    """From a user: the whole desired spec and metadata, as they shall be afterwards."""

    lab: LabKey
    spec: LabInstanceSpec
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    managers: tuple[FieldManager, ...]
    precondition: Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendLabInstance:
    """From a user: live longer by `by`; the whole life may not pass `maximum`."""

    lab: LabKey
    by: timedelta
    maximum: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartLabInstance:
    """From a user: a fresh runtime; the work directory stays."""

    lab: LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLabInstance:
    """From a user: try a failed lab again from the start."""

    lab: LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteLabInstance:
    """From a user: the lab shall go."""

    lab: LabKey
    reason: str
    precondition: Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonLabInstance:
    """From an administrator: forget the lab without proof that it is gone."""

    lab: LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantAccess:
    """From a user: record that the link into the lab was handed out."""

    lab: LabKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStatus:
    """From a client: its own fields of the status, all of them, as JSON texts by name."""

    lab: LabKey
    reported: Mapping[str, str]
    managers: tuple[FieldManager, ...]
    precondition: Precondition


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkOnLabInstance:
    """From a client: what it noticed. The same `name` is one remark, seen `count` times by now."""

    lab: LabKey
    name: str
    reason: str
    message: str
    warning: bool
    reporter: str
    count: int


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
    """From the reconciler or a controller: the attempt passed its deadline."""

    lab: LabKey
    uid: str
    revision: int
    retry: RetryPolicy
    jitter: float


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


UserCommand = (
    ChangeLabInstance
    | ExtendLabInstance
    | RestartLabInstance
    | RetryLabInstance
    | DeleteLabInstance
    | AbandonLabInstance
    | GrantAccess
    | ReportStatus
)
"""What people ask of a lab that exists."""

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

LabInstanceCommand = (
    CreateLabInstance
    | UserCommand
    | ControlCommand
    | RemarkOnLabInstance
    | RecordOrphanTermination
)
