"""How a lab's conditions follow from what happens to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.lab_instance.status import Condition, ConditionType


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one condition says now."""

    holds: bool
    reason: str
    message: str


_WAITING = Verdict(False, "Pending", "waiting to be provisioned")
_NOT_STARTED = Verdict(False, "Pending", "nothing has been started yet")
_NO_DRIFT = Verdict(True, "NoDrift", "")


def initial(at: datetime) -> tuple[Condition, ...]:
    """The conditions of a lab that was just asked for: its first generation."""
    return (
        _judged(ConditionType.READY, _WAITING, at=at, generation=1),
        _judged(ConditionType.PROVISIONED, _NOT_STARTED, at=at, generation=1),
        _judged(ConditionType.DRIFT_FREE, _NO_DRIFT, at=at, generation=1),
    )


def judge(
    conditions: tuple[Condition, ...],
    verdicts: Mapping[ConditionType, Verdict],
    *,
    at: datetime,
    generation: int,
) -> tuple[Condition, ...]:
    """The conditions with these verdicts; the others only note the generation.

    `changed_at` stays where the condition held, or did not hold, before.
    """
    return tuple(
        _rejudged(condition, verdicts.get(condition.type), at=at, generation=generation)
        for condition in conditions
    )


def _rejudged(
    condition: Condition, verdict: Verdict | None, *, at: datetime, generation: int
) -> Condition:
    if verdict is None:
        return replace(condition, observed_generation=generation)
    changed_at = condition.changed_at if condition.holds is verdict.holds else at
    return _judged(condition.type, verdict, at=changed_at, generation=generation)


def _judged(kind: ConditionType, verdict: Verdict, *, at: datetime, generation: int) -> Condition:
    return Condition(
        type=kind,
        holds=verdict.holds,
        reason=verdict.reason,
        message=verdict.message,
        changed_at=at,
        observed_generation=generation,
    )
