"""How the facts about a lab's runtime change the lab: the part of evolve that provisioning
is about."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from domain.lab_instance.conditions import Verdict, judge
from domain.lab_instance.events import (
    BecameReady,
    DriftDetected,
    Failed,
    ProvisioningFailed,
    ProvisioningPostponed,
    ProvisioningResumed,
    ProvisioningStarted,
    RestartRequested,
    Retried,
    RuntimeFact,
)
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.status import Condition, ConditionType, LabState

ProvisioningFact = RuntimeFact | RestartRequested | Retried


def evolved(lab: LabInstance, event: ProvisioningFact) -> LabInstance:
    """The lab after a fact about its runtime."""
    match event:
        case ProvisioningStarted():
            return _started(lab, event)
        case BecameReady():
            return _ready(lab, event)
        case ProvisioningFailed():
            return _attempt_failed(lab, event)
        case ProvisioningPostponed():
            return _postponed(lab, event)
        case ProvisioningResumed():
            return replace(lab, due_since=event.at, resumptions=lab.resumptions + 1)
        case DriftDetected():
            return _drifted(lab, event)
        case Failed():
            return _failed(lab, event)
        case RestartRequested():
            return sent_back(lab, "RestartRequested", "a fresh runtime was asked for", event.at)
        case Retried():
            return _retried(lab, event)
        case _:
            assert_never(event)


def sent_back(lab: LabInstance, reason: str, message: str, at: datetime) -> LabInstance:
    """The lab on its way to a fresh runtime that a person's wish made necessary."""
    return replace(
        _unready(lab, LabState.PROVISIONING, reason, message, at),
        retries=0,
        next_retry_at=None,
        postponed=False,
    )


def _started(lab: LabInstance, event: ProvisioningStarted) -> LabInstance:
    started = _unready(lab, LabState.PROVISIONING, "Provisioning", "", event.at)
    return replace(
        started,
        revision=event.revision,
        observed_generation=lab.generation,
        attempt_deadline=event.deadline,
        next_retry_at=None,
        postponed=False,
    )


def _ready(lab: LabInstance, event: BecameReady) -> LabInstance:
    verdicts = {
        ConditionType.READY: Verdict(True, "Ready", ""),
        ConditionType.PROVISIONED: Verdict(True, "RuntimeAnswers", ""),
        ConditionType.DRIFT_FREE: Verdict(True, "NoDrift", ""),
    }
    return replace(
        lab,
        state=LabState.READY,
        attempt_deadline=None,
        next_retry_at=None,
        endpoint=event.endpoint,
        isolation=event.isolation,
        clock_started_at=lab.clock_started_at or event.at,
        ready_at=event.at,
        due_since=event.at,
        resumptions=0,
        reason="Ready",
        message="",
        conditions=_judged(lab, verdicts, event.at),
    )


def _attempt_failed(lab: LabInstance, event: ProvisioningFailed) -> LabInstance:
    failed = _unready(lab, LabState.PROVISIONING, event.reason, event.message, event.at)
    return replace(failed, retries=event.retries, next_retry_at=event.next_retry_at)


def _postponed(lab: LabInstance, event: ProvisioningPostponed) -> LabInstance:
    waiting = _unready(lab, lab.state, event.reason, event.message, event.at)
    return replace(waiting, next_retry_at=None, postponed=True)


def _drifted(lab: LabInstance, event: DriftDetected) -> LabInstance:
    drifted = _unready(lab, LabState.PROVISIONING, event.reason, event.message, event.at)
    verdict = {ConditionType.DRIFT_FREE: Verdict(False, event.reason, event.message)}
    return replace(
        drifted,
        retries=event.retries,
        next_retry_at=event.next_retry_at,
        conditions=_judged(drifted, verdict, event.at),
    )


def _failed(lab: LabInstance, event: Failed) -> LabInstance:
    failed = _unready(lab, LabState.FAILED, event.reason, event.message, event.at)
    return replace(failed, next_retry_at=None, postponed=False)


def _retried(lab: LabInstance, event: Retried) -> LabInstance:
    back = sent_back(lab, "Retried", "to be provisioned afresh", event.at)
    return replace(back, state=LabState.PENDING, clock_started_at=None)


def _unready(
    lab: LabInstance, state: LabState, reason: str, message: str, at: datetime
) -> LabInstance:
    verdict = Verdict(False, reason, message)
    verdicts = {ConditionType.READY: verdict, ConditionType.PROVISIONED: verdict}
    return replace(
        lab,
        state=state,
        attempt_deadline=None,
        endpoint=None,
        ready_at=None,
        due_since=at,
        resumptions=0,
        reason=reason,
        message=message,
        conditions=_judged(lab, verdicts, at),
    )


def _judged(
    lab: LabInstance, verdicts: Mapping[ConditionType, Verdict], at: datetime
) -> tuple[Condition, ...]:
    return judge(lab.conditions, verdicts, at=at, generation=lab.generation)
