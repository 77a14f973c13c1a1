"""Mistakes in what the domain decides."""

from dataclasses import replace
from typing import Any

from domain.lab_instance import control_decisions, policy
from domain.lab_instance.observation import Absent
from tests.simulation.mutants.mutant import Mutant, function, together


def _unguarded(original: Any) -> Any:
    def decide(lab: Any, command: Any, now: Any) -> Any:
        return original(replace(lab, finalizers=()), command, now)

    return decide


def _unguarded_policy(original: Any) -> Any:
    def next_step(
        lab: Any, observed: Any, *, now: Any, limits: Any, jitter: Any, missed: Any
    ) -> Any:
        without = replace(lab, finalizers=())
        return original(without, observed, now=now, limits=limits, jitter=jitter, missed=missed)

    return next_step


def _begun_again(original: Any) -> Any:
    def start(lab: Any, command: Any, now: Any) -> Any:
        return original(replace(lab, attempt_deadline=None), command, now)

    return start


def _begins_again(original: Any) -> Any:
    def provisioning(
        lab: Any, observed: Any, *, now: Any, limits: Any, jitter: Any, missed: Any
    ) -> Any:
        if isinstance(observed, Absent) and lab.attempt_deadline is not None:
            lab = replace(lab, attempt_deadline=None)
        return original(lab, observed, now=now, limits=limits, jitter=jitter, missed=missed)

    return provisioning


def _never_over(original: Any) -> Any:
    def time_out(lab: Any, command: Any, now: Any) -> Any:
        return ()

    return time_out


IN_DECISIONS = {
    "finalizers-forgotten": Mutant(
        mistake="a lab is removed though a finalizer is left",
        apply=together(
            function(control_decisions.decide, _unguarded),
            function(policy.next_step, _unguarded_policy),
        ),
    ),
    "attempt-begun-twice": Mutant(
        mistake="after a crash another attempt begins beside the one under way",
        apply=together(
            function(control_decisions._start, _begun_again),
            function(policy._provisioning, _begins_again),
        ),
    ),
    "attempts-never-time-out": Mutant(
        mistake="an attempt that hangs is waited for without end",
        apply=function(control_decisions._time_out, _never_over),
    ),
}
