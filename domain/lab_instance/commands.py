"""What may be asked of a lab. Each may be refused, and repeating one changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from domain.lab_instance.control_commands import (
    ControlCommand,
)
from domain.lab_instance.field_manager import FieldManager
from domain.lab_instance.key import LabKey
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
    """From a client: what it noticed, `count` times by now. The same `name`: the same remark."""

    lab: LabKey
    name: str
    reason: str
    message: str
    warning: bool
    reporter: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOrphanTermination:
    """From a controller: a runtime that no lab owned has been removed."""

    lab: LabKey
    uid: str
    proof: str


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


LabInstanceCommand = (
    CreateLabInstance
    | UserCommand
    | ControlCommand
    | RemarkOnLabInstance
    | RecordOrphanTermination
)
