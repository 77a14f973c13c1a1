"""Labs that could be brought up and wait for their turn, as people see them. None of it is
recorded: whose turn it is changes with every lab that begins."""

from dataclasses import replace

from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.status import Condition, ConditionType, LabState

_REASON = "WaitingForPermit"


def may_wait(lab: LabInstance) -> bool:
    """Whether no attempt is under way and one shall begin."""
    coming = lab.state in (LabState.PENDING, LabState.PROVISIONING)
    return coming and lab.attempt_deadline is None


def shown_waiting(lab: LabInstance, message: str) -> LabInstance:
    """The lab with what it waits for as its reason, after which comes why an earlier attempt
    failed, if one did."""
    if lab.retries:
        message = f"{message}; before that: {lab.message}"
    conditions = tuple(_shown(condition, message) for condition in lab.conditions)
    return replace(lab, reason=_REASON, message=message, conditions=conditions)


def _shown(condition: Condition, message: str) -> Condition:
    if condition.type is not ConditionType.READY:
        return condition
    return replace(condition, reason=_REASON, message=message)
