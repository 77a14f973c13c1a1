"""The observed side of a lab: its state and its conditions."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class LabState(Enum):
    """The states of a lab; the values stand in `status.state`."""

    PENDING = "pending"
    PROVISIONING = "provisioning"
    READY = "ready"
    DELETING = "deleting"
    DELETED = "deleted"
    FAILED = "failed"


class ConditionType(Enum):
    """The conditions every lab carries."""

    READY = "Ready"
    PROVISIONED = "Provisioned"
    DRIFT_FREE = "DriftFree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One aspect of a lab, shaped like a Kubernetes condition.

    `changed_at` moves only when `holds` changes; reason and message may change in between.
    """

    type: ConditionType
    holds: bool
    reason: str
    message: str
    changed_at: datetime
    observed_generation: int
