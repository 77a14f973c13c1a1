"""The policy: the next step for a lab. Controllers and reconciler share this one table."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from domain.lab_instance.commands import LabInstanceCommand
from domain.lab_instance.control_commands import (
    ExpireLabInstance,
    MarkReady,
    RecordProvisioningFailure,
    ReportDrift,
    ResumeDeletion,
    ResumeProvisioning,
    StartProvisioning,
    TimeOutProvisioning,
)
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.observation import Absent, Ended, Observation, Running, Starting
from domain.lab_instance.retry import RetryPolicy
from domain.lab_instance.status import LabState
from domain.lab_instance.steps import (
    LookAgain,
    RemoveRuntime,
    Send,
    Settled,
    StartRuntime,
    Step,
    StopRuntime,
    WaitUntil,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings that the policy depends on."""

    provisioning_timeout: timedelta
    retry: RetryPolicy


_RESUME_AFTER = timedelta(seconds=60)
_RESUME_AT_LEAST_EVERY = timedelta(hours=1)


def due_at(lab: LabInstance) -> datetime | None:
    """When the reconciler shall look at the lab unless something happens before; None when
    nothing but an event can make work on it necessary."""
    match lab.state:
        case LabState.PENDING:
            return _resume_at(lab, lab.due_since)
        case LabState.PROVISIONING:
            waiting = _resume_at(lab, max(lab.due_since, lab.next_retry_at or lab.due_since))
            return _earlier(lab.attempt_deadline or waiting, lab.expires_at)
        case LabState.READY:
            return lab.expires_at
        case LabState.DELETING:
            return None if lab.finalizers else _resume_at(lab, lab.due_since)
        case LabState.FAILED | LabState.DELETED:
            return None
        case _:
            assert_never(lab.state)


def corrective(
    lab: LabInstance, *, now: datetime, limits: Limits, jitter: float, missed: timedelta
) -> LabInstanceCommand | None:
    """What to send about a lab whose due time has come and with which nothing happened; None
    when it is not due. `missed`: how much of an attempt nobody could look at it."""
    due = due_at(lab)
    if due is None or now < due:
        return None
    if _expired(lab, now):
        return ExpireLabInstance(lab=lab.key, uid=lab.uid)
    if lab.attempt_deadline is not None:
        over = now - missed >= lab.attempt_deadline
        return _time_out(lab, limits, jitter, missed) if over else None
    if lab.state is LabState.DELETING:
        return ResumeDeletion(lab=lab.key, uid=lab.uid)
    return ResumeProvisioning(lab=lab.key, uid=lab.uid)


def next_step(
    lab: LabInstance,
    observed: Observation,
    *,
    now: datetime,
    limits: Limits,
    jitter: float,
    missed: timedelta,
) -> Step:
    """What should happen next, given the lab, what is seen of its runtime, and the time.
    `missed`: how much of an attempt nobody could look at it."""
    if _expired(lab, now):
        return Send(ExpireLabInstance(lab=lab.key, uid=lab.uid))
    match lab.state:
        case LabState.PENDING:
            return _start(lab, limits)
        case LabState.PROVISIONING:
            return _provisioning(
                lab, observed, now=now, limits=limits, jitter=jitter, missed=missed
            )
        case LabState.READY:
            return _ready(lab, observed, limits=limits, jitter=jitter)
        case LabState.DELETING:
            if not lab.finalizers:
                return RemoveRuntime()
            return Settled() if isinstance(observed, Absent) else StopRuntime()
        case LabState.FAILED:
            return Settled() if isinstance(observed, Absent) else StopRuntime()
        case LabState.DELETED:
            return Settled()
        case _:
            assert_never(lab.state)


def _provisioning(
    lab: LabInstance,
    observed: Observation,
    *,
    now: datetime,
    limits: Limits,
    jitter: float,
    missed: timedelta,
) -> Step:
    if lab.attempt_deadline is None:
        if lab.next_retry_at is not None and now < lab.next_retry_at:
            return WaitUntil(lab.next_retry_at)
        return _start(lab, limits)
    match observed:
        case Running(revision=lab.revision):
            return Send(_mark_ready(lab, observed))
        case Ended(revision=lab.revision):
            return Send(_failure(lab, observed, limits, jitter))
        case _ if now - missed >= lab.attempt_deadline:
            return Send(_time_out(lab, limits, jitter, missed))
        case Starting(revision=lab.revision):
            return LookAgain(_earlier(lab.attempt_deadline, lab.expires_at))
        case Starting() | Running() | Ended() if observed.revision > lab.revision:
            return StopRuntime()  # of a log that was lost: no older one is started in its place
        case Absent() | Starting() | Running() | Ended():
            return StartRuntime(lab.revision)
        case _:
            assert_never(observed)


def _ready(lab: LabInstance, observed: Observation, *, limits: Limits, jitter: float) -> Step:
    match observed:
        case Running(revision=lab.revision):
            return WaitUntil(lab.expires_at) if lab.expires_at else Settled()
        case Starting(revision=lab.revision):
            return LookAgain(lab.expires_at) if lab.expires_at else Settled()
        case Ended():
            reason, message = observed.reason, observed.message
        case Absent():
            reason, message = "RuntimeMissing", "nothing of the lab runs any more"
        case Running() | Starting():
            reason = "RevisionMismatch"
            message = f"runtime {observed.revision} runs instead of {lab.revision}"
        case _:
            assert_never(observed)
    drift = ReportDrift(
        lab=lab.key,
        uid=lab.uid,
        revision=lab.revision,
        reason=reason,
        message=message,
        retry=limits.retry,
        jitter=jitter,
    )
    return Send(drift)


def _start(lab: LabInstance, limits: Limits) -> Send:
    timeout = limits.provisioning_timeout
    return Send(StartProvisioning(lab=lab.key, uid=lab.uid, timeout=timeout))


def _mark_ready(lab: LabInstance, seen: Running) -> MarkReady:
    return MarkReady(
        lab=lab.key,
        uid=lab.uid,
        revision=seen.revision,
        endpoint=seen.endpoint,
        isolation=seen.isolation,
    )


def _failure(
    lab: LabInstance, seen: Ended, limits: Limits, jitter: float
) -> RecordProvisioningFailure:
    return RecordProvisioningFailure(
        lab=lab.key,
        uid=lab.uid,
        revision=seen.revision,
        reason=seen.reason,
        message=seen.message,
        permanent=False,
        retry=limits.retry,
        jitter=jitter,
    )


def _time_out(
    lab: LabInstance, limits: Limits, jitter: float, missed: timedelta
) -> TimeOutProvisioning:
    return TimeOutProvisioning(
        lab=lab.key,
        uid=lab.uid,
        revision=lab.revision,
        retry=limits.retry,
        jitter=jitter,
        missed=missed,
    )


def _expired(lab: LabInstance, now: datetime) -> bool:
    alive = lab.state in (LabState.PENDING, LabState.PROVISIONING, LabState.READY)
    return alive and lab.expires_at is not None and now >= lab.expires_at


def _resume_at(lab: LabInstance, since: datetime) -> datetime:
    waited: timedelta = _RESUME_AFTER * 2 ** min(lab.resumptions, 10)
    return since + min(waited, _RESUME_AT_LEAST_EVERY)


def _earlier(first: datetime, second: datetime | None) -> datetime:
    return first if second is None else min(first, second)
