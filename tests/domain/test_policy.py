"""What comes next, in the cases that matter most."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.lab_instance.commands import LabInstanceCommand
from domain.lab_instance.control_commands import (
    ExpireLabInstance,
    MarkReady,
    RecordProvisioningFailure,
    ReportDrift,
    StartProvisioning,
    TimeOutProvisioning,
)
from domain.lab_instance.events import (
    ProvisioningFailed,
    ProvisioningResumed,
    RestartRequested,
    SpecChanged,
)
from domain.lab_instance.observation import Absent, Ended, Observation, Running, Starting
from domain.lab_instance.policy import corrective, due_at, next_step
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
from tests.domain.scenario import (
    ENDPOINT,
    LIMITS,
    NOW,
    SPEC,
    Given,
    attempt_failed,
    created,
    deletion_requested,
    failed,
    given,
    guarded,
    ready,
    started,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
running = Running(revision=1, endpoint=ENDPOINT, isolation="bubblewrap")
starting = Starting(revision=1)
ended = Ended(revision=1, reason="ProcessGone", message="the process ended")


def step(
    past: Given,
    seen: Observation,
    after: timedelta = timedelta(0),
    *,
    missed: timedelta = timedelta(0),
) -> Step:
    return next_step(
        past.existing, seen, now=NOW + after, limits=LIMITS, jitter=0.0, missed=missed
    )


def sent(past: Given, seen: Observation, after: timedelta = timedelta(0)) -> type:
    answer = step(past, seen, after)
    assert isinstance(answer, Send)
    return type(answer.command)


def test_a_pending_lab_is_provisioned() -> None:
    assert sent(given(created), Absent()) is StartProvisioning


def test_an_attempt_starts_the_runtime_it_is_about() -> None:
    assert step(given(created, started), Absent()) == StartRuntime(1)


def test_an_outdated_runtime_is_replaced() -> None:
    second = replace(started, revision=2)
    assert step(given(created, started, attempt_failed, second), running) == StartRuntime(2)


@pytest.mark.parametrize(
    "seen",
    [
        Starting(revision=7),
        Running(revision=7, endpoint=ENDPOINT, isolation="none"),
        Ended(revision=7, reason="ProcessGone", message="the process ended"),
    ],
)
def test_a_runtime_that_the_log_has_forgotten_is_stopped_first(seen: Observation) -> None:
    """After an older copy of the log was restored. A provisioner brings no older runtime up in
    the place of a newer one, so to ask for it again and again leads nowhere."""
    assert step(given(created, started), seen) == StopRuntime()


def test_a_starting_runtime_is_looked_at_again_until_its_deadline() -> None:
    assert step(given(created, started), starting) == LookAgain(started.deadline)
    assert sent(given(created, started), starting, HOUR) is TimeOutProvisioning


def test_a_runtime_that_answers_is_ready_and_one_that_ended_failed() -> None:
    assert sent(given(created, started), running) is MarkReady
    assert sent(given(created, started), ended) is RecordProvisioningFailure


def test_a_retry_waits_for_its_time() -> None:
    waiting = given(created, started, attempt_failed)
    assert step(waiting, Absent()) == WaitUntil(attempt_failed.next_retry_at)
    assert sent(waiting, Absent(), timedelta(seconds=2)) is StartProvisioning


def test_a_ready_lab_waits_for_its_expiry() -> None:
    alive = given(created, started, ready)
    assert step(alive, running) == WaitUntil(NOW + HOUR)
    assert sent(alive, running, HOUR) is ExpireLabInstance


def test_every_fault_of_a_ready_labs_runtime_is_drift() -> None:
    alive = given(created, started, ready)
    assert sent(alive, Absent()) is ReportDrift
    assert sent(alive, ended) is ReportDrift
    assert sent(alive, replace(running, revision=2)) is ReportDrift


def test_a_restart_and_another_template_lead_to_a_fresh_runtime() -> None:
    other = SpecChanged(spec=replace(SPEC, template="static"), at=NOW)
    for wish in (RestartRequested(at=NOW), other):
        assert sent(given(created, started, ready, wish), running) is StartProvisioning


def test_another_duration_leaves_the_runtime_alone() -> None:
    longer = SpecChanged(spec=replace(SPEC, duration="2h"), at=NOW)
    lab = given(created, started, ready, longer)
    assert step(lab, running) == WaitUntil(NOW + 2 * HOUR)
    assert lab.existing.observed_generation == 2


def test_deletion_removes_the_runtime_even_where_none_is_seen() -> None:
    assert step(given(created, deletion_requested), Absent()) == RemoveRuntime()


def test_finalizers_hold_the_record_but_not_the_runtime() -> None:
    held = given(guarded, started, ready, deletion_requested)
    assert step(held, running) == StopRuntime()
    assert step(held, Absent()) == Settled()


def test_a_failed_lab_releases_its_runtime() -> None:
    assert step(given(created, started, failed), starting) == StopRuntime()
    assert step(given(created, started, failed), Absent()) == Settled()


def test_a_retry_that_nobody_made_is_called_for_again_only_after_a_while() -> None:
    due = due_at(given(created, started, attempt_failed).existing)
    assert due is not None
    resumed = ProvisioningResumed(reason="NotPickedUp", at=due + timedelta(minutes=1))
    later = due_at(given(created, started, attempt_failed, resumed).existing)
    assert later is not None
    assert later > resumed.at


def test_an_attempt_is_not_timed_out_by_time_in_which_nobody_could_look_at_it() -> None:
    lab, late = given(created, started), MINUTE + timedelta(seconds=1)
    frozen = timedelta(seconds=14)
    assert isinstance(step(lab, starting, late), Send)
    assert isinstance(step(lab, starting, late, missed=frozen), LookAgain)
    over = step(lab, starting, late + frozen, missed=frozen)
    assert isinstance(over, Send)
    assert isinstance(over.command, TimeOutProvisioning)
    given(created, started).when(over.command, after=late).then()
    given(created, started).when(over.command, after=late + frozen).then_kinds(ProvisioningFailed)


def test_an_overdue_attempt_is_corrected_only_when_it_was_looked_at_for_long_enough() -> None:
    def corrected(missed: timedelta) -> LabInstanceCommand | None:
        now = NOW + MINUTE + timedelta(seconds=1)
        lab = given(created, started).existing
        return corrective(lab, now=now, limits=LIMITS, jitter=0.0, missed=missed)

    assert isinstance(corrected(timedelta(0)), TimeOutProvisioning)
    assert corrected(timedelta(seconds=14)) is None
