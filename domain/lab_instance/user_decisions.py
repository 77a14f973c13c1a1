"""Decides the commands of people on a lab that exists."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from domain.errors import (
    FaultReason,
    FieldFault,
    IllegalTransition,
    InvalidLabInstance,
    LabInstanceNotFound,
)
from domain.lab_instance.commands import (
    AbandonLabInstance,
    ChangeLabInstance,
    DeleteLabInstance,
    ExtendLabInstance,
    GrantAccess,
    ReportStatus,
    RestartLabInstance,
    RetryLabInstance,
    UserCommand,
)
from domain.lab_instance.duration import format_duration
from domain.lab_instance.end_facts import Deleted, DeletionRequested
from domain.lab_instance.events import (
    AccessGranted,
    Extended,
    LabInstanceEvent,
    MetadataChanged,
    RestartRequested,
    Retried,
    SpecChanged,
)
from domain.lab_instance.field_manager import FieldManager
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.object_size import check_size
from domain.lab_instance.recording import metadata_fact, ownership_fact, status_fact
from domain.lab_instance.status import LabState

_COMING_UP = (LabState.PENDING, LabState.PROVISIONING)
_ALIVE = (*_COMING_UP, LabState.READY)


def decide(
    lab: LabInstance | None, command: UserCommand, now: datetime
) -> Sequence[LabInstanceEvent]:
    """The facts; raises LabInstanceNotFound, IllegalTransition or InvalidLabInstance."""
    if lab is None:
        raise LabInstanceNotFound(command.lab.namespace, command.lab.name)
    match command:
        case ChangeLabInstance():
            return _change(lab, command, now)
        case ExtendLabInstance():
            return _extend(lab, command, now)
        case RestartLabInstance():
            _require(lab, "restart", *_ALIVE)
            return (RestartRequested(at=now),) if lab.state is LabState.READY else ()
        case RetryLabInstance():
            _require(lab, "retry", LabState.FAILED, *_COMING_UP)
            return (Retried(at=now),) if lab.state is LabState.FAILED else ()
        case DeleteLabInstance():
            if lab.state is LabState.DELETING:
                return ()
            return (DeletionRequested(reason=command.reason, at=now),)
        case AbandonLabInstance():
            return (Deleted(proof="", left_behind=_left_behind(lab), at=now),)
        case GrantAccess():
            _require(lab, "open", LabState.READY)
            return (AccessGranted(at=now),)
        case ReportStatus():
            return _report(lab, command, now)
        case _:
            assert_never(command)


def _change(
    lab: LabInstance, command: ChangeLabInstance, now: datetime
) -> Sequence[LabInstanceEvent]:
    check_size(
        command.lab.name, [command.labels, command.annotations, lab.reported], command.managers
    )
    if lab.state is LabState.DELETING:
        _require_only_removals(lab, command)
    facts: list[LabInstanceEvent] = []
    if command.spec != lab.spec:
        facts.append(SpecChanged(spec=command.spec, at=now))
        if lab.state is LabState.FAILED and not command.spec.runs_like(lab.spec):
            facts.append(Retried(at=now))
    wanted = (command.labels, command.annotations, command.finalizers)
    if wanted != (lab.labels, lab.annotations, lab.finalizers):
        changed = MetadataChanged(
            labels=command.labels,
            annotations=command.annotations,
            finalizers=command.finalizers,
            at=now,
        )
        facts.append(metadata_fact(lab, changed))
    return (*facts, *_ownership(lab, command.managers, now))


def _report(lab: LabInstance, command: ReportStatus, now: datetime) -> Sequence[LabInstanceEvent]:
    check_size(command.lab.name, [lab.labels, lab.annotations, command.reported], command.managers)
    ownership = _ownership(lab, command.managers, now)
    if command.reported == lab.reported:
        return ownership
    return (status_fact(lab.reported, command.reported, now), *ownership)


def _ownership(
    lab: LabInstance, managers: tuple[FieldManager, ...], now: datetime
) -> Sequence[LabInstanceEvent]:
    return () if managers == lab.managers else (ownership_fact(lab.managers, managers, now),)


def _require_only_removals(lab: LabInstance, command: ChangeLabInstance) -> None:
    if command.spec != lab.spec:
        _require(lab, "change the spec of", *_ALIVE, LabState.FAILED)
    added = [name for name in command.finalizers if name not in lab.finalizers]
    if added:
        fault = FieldFault(
            field="metadata.finalizers",
            reason=FaultReason.FORBIDDEN,
            message=f"no new finalizers can be added while the lab is being deleted: {added}",
        )
        raise InvalidLabInstance(lab.key.name, [fault])


def _extend(
    lab: LabInstance, command: ExtendLabInstance, now: datetime
) -> Sequence[LabInstanceEvent]:
    _require(lab, "extend", *_ALIVE)
    whole = lab.spec.lifetime + lab.extension + command.by
    if whole > command.maximum:
        fault = FieldFault(
            field="by",
            reason=FaultReason.INVALID,
            message=(
                f"the lab would live {format_duration(whole)} in all; its template "
                f"{lab.spec.template!r} allows {format_duration(command.maximum)}"
            ),
        )
        raise InvalidLabInstance(lab.key.name, [fault])
    return (Extended(by=command.by, at=now),)


def _require(lab: LabInstance, attempted: str, *allowed: LabState) -> None:
    if lab.state not in allowed:
        states = [state.value for state in allowed]
        raise IllegalTransition(lab.key.name, lab.state.value, attempted, states)


def _left_behind(lab: LabInstance) -> tuple[str, ...]:
    finalizers = tuple(f"finalizer {name}" for name in lab.finalizers)
    if lab.revision == 0:
        return finalizers
    where = f" at {lab.endpoint}" if lab.endpoint else ""
    return (f"runtime {lab.uid} revision {lab.revision}{where}", *finalizers)
