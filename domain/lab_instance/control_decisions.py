"""What the commands of controllers and reconciler lead to. They never are refused: one that
comes late, or twice, or about a runtime that no longer counts, leads to no facts."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from domain.lab_instance.control_commands import (
    CompleteDeletion,
    ControlCommand,
    ExpireLabInstance,
    MarkReady,
    PostponeProvisioning,
    RecordDeletionFailure,
    RecordProvisioningFailure,
    ReportDrift,
    ResumeDeletion,
    ResumeProvisioning,
    StartProvisioning,
    TimeOutProvisioning,
)
from domain.lab_instance.end_facts import (
    Deleted,
    DeletionHindered,
    DeletionRequested,
    DeletionResumed,
    Expired,
)
from domain.lab_instance.events import (
    BecameReady,
    DriftDetected,
    Failed,
    LabInstanceEvent,
    ProvisioningFailed,
    ProvisioningPostponed,
    ProvisioningResumed,
    ProvisioningStarted,
)
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.status import LabState

_COMING_UP = (LabState.PENDING, LabState.PROVISIONING)


def decide(lab: LabInstance, command: ControlCommand, now: datetime) -> Sequence[LabInstanceEvent]:
    """The facts about this incarnation of the lab; none when the command does not apply."""
    match command:
        case StartProvisioning():
            return _start(lab, command, now)
        case PostponeProvisioning():
            return _postpone(lab, command, now)
        case MarkReady():
            return _mark_ready(lab, command, now)
        case RecordProvisioningFailure():
            return _record_failure(lab, command, now)
        case TimeOutProvisioning():
            return _time_out(lab, command, now)
        case ReportDrift():
            return _report_drift(lab, command, now)
        case ExpireLabInstance():
            return _expire(lab, now)
        case CompleteDeletion():
            if lab.state is not LabState.DELETING or lab.finalizers:
                return ()
            return (Deleted(proof=command.proof, left_behind=(), at=now),)
        case ResumeProvisioning():
            return _resume(lab, now)
        case ResumeDeletion() | RecordDeletionFailure():
            return _deletion_goes_on(lab, command, now)
        case _:
            assert_never(command)


def _deletion_goes_on(
    lab: LabInstance, command: ResumeDeletion | RecordDeletionFailure, now: datetime
) -> Sequence[LabInstanceEvent]:
    if lab.state is not LabState.DELETING:
        return ()
    if isinstance(command, ResumeDeletion):
        return (DeletionResumed(at=now),)
    if (lab.reason, lab.message) == (command.reason, command.message):
        return ()
    return (DeletionHindered(reason=command.reason, message=command.message, at=now),)


def _start(
    lab: LabInstance, command: StartProvisioning, now: datetime
) -> Sequence[LabInstanceEvent]:
    early = lab.next_retry_at is not None and now < lab.next_retry_at
    if lab.state not in _COMING_UP or lab.attempt_deadline is not None or early:
        return ()
    deadline = now + command.timeout
    return (ProvisioningStarted(revision=lab.revision + 1, deadline=deadline, at=now),)


def _postpone(
    lab: LabInstance, command: PostponeProvisioning, now: datetime
) -> Sequence[LabInstanceEvent]:
    if lab.state not in _COMING_UP or lab.postponed:
        return ()
    return (ProvisioningPostponed(reason=command.reason, message=command.message, at=now),)


def _mark_ready(lab: LabInstance, command: MarkReady, now: datetime) -> Sequence[LabInstanceEvent]:
    if not _attempting(lab, command.revision):
        return ()
    ready = BecameReady(
        revision=command.revision,
        endpoint=command.endpoint,
        isolation=command.isolation,
        at=now,
    )
    return (ready,)


def _record_failure(
    lab: LabInstance, command: RecordProvisioningFailure, now: datetime
) -> Sequence[LabInstanceEvent]:
    if not _attempting(lab, command.revision):
        return ()
    retries = lab.retries + 1
    if command.permanent or retries > command.retry.max_retries:
        return (Failed(reason=command.reason, message=command.message, at=now),)
    failed = ProvisioningFailed(
        revision=command.revision,
        reason=command.reason,
        message=command.message,
        retries=retries,
        next_retry_at=now + command.retry.delay(retries, command.jitter),
        at=now,
    )
    return (failed,)


def _time_out(
    lab: LabInstance, command: TimeOutProvisioning, now: datetime
) -> Sequence[LabInstanceEvent]:
    if lab.attempt_deadline is None or now - command.missed < lab.attempt_deadline:
        return ()
    failure = RecordProvisioningFailure(
        lab=command.lab,
        uid=command.uid,
        revision=command.revision,
        reason="ProvisioningTimedOut",
        message="the runtime did not answer before its deadline",
        permanent=False,
        retry=command.retry,
        jitter=command.jitter,
    )
    return _record_failure(lab, failure, now)


def _report_drift(
    lab: LabInstance, command: ReportDrift, now: datetime
) -> Sequence[LabInstanceEvent]:
    if lab.state is not LabState.READY or lab.revision != command.revision:
        return ()
    stable = lab.ready_at is not None and now - lab.ready_at >= command.retry.stable_after
    retries = 1 if stable else lab.retries + 1
    drifted = DriftDetected(
        revision=command.revision,
        reason=command.reason,
        message=command.message,
        retries=retries,
        next_retry_at=now if retries == 1 else now + command.retry.delay(retries, command.jitter),
        at=now,
    )
    if retries <= command.retry.max_retries:
        return (drifted,)
    message = f"given up after {retries - 1} repairs in a row: {command.message}"
    return (drifted, Failed(reason=command.reason, message=message, at=now))


def _expire(lab: LabInstance, now: datetime) -> Sequence[LabInstanceEvent]:
    alive = lab.state in (*_COMING_UP, LabState.READY)
    if not alive or lab.expires_at is None or now < lab.expires_at:
        return ()
    return (Expired(at=now), DeletionRequested(reason="expired", at=now))


def _resume(lab: LabInstance, now: datetime) -> Sequence[LabInstanceEvent]:
    if lab.state not in _COMING_UP or lab.attempt_deadline is not None:
        return ()
    return (ProvisioningResumed(reason="NotPickedUp", at=now),)


def _attempting(lab: LabInstance, revision: int) -> bool:
    return (
        lab.state is LabState.PROVISIONING
        and lab.attempt_deadline is not None
        and lab.revision == revision
    )
