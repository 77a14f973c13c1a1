"""Events of labs. Facts: never changed, never taken back, read for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.lab_instance.edit_facts import MetadataEdited, OwnershipEdited, StatusEdited
from domain.lab_instance.end_facts import (
    End,
)
from domain.lab_instance.field_manager import FieldManager
from domain.lab_instance.key import LabKey
from domain.lab_instance.spec import LabInstanceSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class LabInstanceCreated:
    """A lab was asked for. Begins an incarnation: a new `uid` under a new or used name."""

    lab: LabKey
    uid: str
    spec: LabInstanceSpec
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecChanged:
    """The spec is this one now."""

    spec: LabInstanceSpec
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataChanged:
    """Labels, annotations and finalizers are these now."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    finalizers: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipRecorded:
    """The owners of fields are these now."""

    managers: tuple[FieldManager, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReported:
    """The fields that clients keep in the status are these now: JSON texts by name."""

    reported: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarked:
    """A client noticed or did something, `count` times by now; `name` is the remark's own."""

    name: str
    reason: str
    message: str
    warning: bool
    reporter: str
    count: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """The lab may live longer by `by` than its spec says."""

    by: timedelta
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartRequested:
    """A person asked for a fresh runtime."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """A person asked to try a failed lab again from the start."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGranted:
    """Somebody was given the link into the lab; the link itself is not recorded."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningStarted:
    """An attempt to bring up runtime number `revision` began and must end by `deadline`."""

    revision: int
    deadline: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BecameReady:
    """The runtime answers at `endpoint`, confined at the isolation level named."""

    revision: int
    endpoint: str
    isolation: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningFailed:
    """An attempt failed; the next one is due at `next_retry_at`."""

    revision: int
    reason: str
    message: str
    retries: int
    next_retry_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningPostponed:
    """The provisioner is out of service; the lab waits and no attempt is counted against it."""

    reason: str
    message: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisioningResumed:
    """The reconciler found the lab waiting for work that nobody did, and called for it."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftDetected:
    """The world no longer is as recorded; the repair is due at `next_retry_at`."""

    revision: int
    reason: str
    message: str
    retries: int
    next_retry_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The lab was given up; only a person's retry or deletion goes on from here."""

    reason: str
    message: str
    at: datetime


Note = (
    MetadataChanged
    | MetadataEdited
    | OwnershipRecorded
    | OwnershipEdited
    | StatusReported
    | StatusEdited
)
"""What people and their clients wrote on the lab."""

Wish = (
    LabInstanceCreated
    | SpecChanged
    | Note
    | Remarked
    | Extended
    | RestartRequested
    | Retried
    | AccessGranted
)
"""What people and their clients asked for, or noted."""

RuntimeFact = (
    ProvisioningStarted
    | BecameReady
    | ProvisioningFailed
    | ProvisioningPostponed
    | ProvisioningResumed
    | DriftDetected
    | Failed
)
"""What became of the lab's runtime."""


LabInstanceEvent = Wish | RuntimeFact | End
