"""What controllers and reconciler report, and what it leads to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.lab_instance.commands import LabInstanceCommand, RecordOrphanTermination
from domain.lab_instance.control_commands import (
    CompleteDeletion,
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
    OrphanTerminated,
)
from domain.lab_instance.events import (
    DriftDetected,
    Extended,
    Failed,
    LabInstanceEvent,
    ProvisioningFailed,
    ProvisioningPostponed,
    ProvisioningResumed,
    ProvisioningStarted,
    Retried,
)
from tests.domain.scenario import (
    ENDPOINT,
    LAB,
    NOW,
    RETRY,
    UID,
    attempt_failed,
    created,
    deletion_requested,
    drifted,
    failed,
    given,
    guarded,
    ready,
    started,
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

start = StartProvisioning(lab=LAB, uid=UID, timeout=MINUTE)
postpone = PostponeProvisioning(lab=LAB, uid=UID, reason="ProvisionerUnavailable", message="")
mark_ready = MarkReady(lab=LAB, uid=UID, revision=1, endpoint=ENDPOINT, isolation="bubblewrap")
fail = RecordProvisioningFailure(
    lab=LAB,
    uid=UID,
    revision=1,
    reason="ProcessExited",
    message="exit code 1",
    permanent=False,
    retry=RETRY,
    jitter=0.0,
)
time_out = TimeOutProvisioning(lab=LAB, uid=UID, revision=1, retry=RETRY, jitter=0.0)
report_drift = ReportDrift(
    lab=LAB,
    uid=UID,
    revision=1,
    reason="ProcessGone",
    message="the process ended",
    retry=RETRY,
    jitter=0.0,
)
expire = ExpireLabInstance(lab=LAB, uid=UID)
complete = CompleteDeletion(lab=LAB, uid=UID, proof="nothing runs")
resume = ResumeProvisioning(lab=LAB, uid=UID)
resume_deletion = ResumeDeletion(lab=LAB, uid=UID)
hinder = RecordDeletionFailure(lab=LAB, uid=UID, reason="RemovalFailed", message="immutable")
record_orphan = RecordOrphanTermination(lab=LAB, uid="stranger", proof="gone")


def test_provisioning_starts_with_a_deadline() -> None:
    given(created).when(start).then(started)


def test_a_second_start_changes_nothing() -> None:
    given(created, started).when(start).then()


def test_a_retry_is_not_started_before_it_is_due() -> None:
    waiting = given(created, started, attempt_failed)
    waiting.when(start, after=timedelta(seconds=1)).then()
    waiting.when(start, after=timedelta(seconds=2)).then_kinds(ProvisioningStarted)


def test_every_attempt_has_a_revision_of_its_own() -> None:
    again = given(created, started, attempt_failed).when(start, after=MINUTE)
    again.then(ProvisioningStarted(revision=2, deadline=NOW + 2 * MINUTE, at=NOW + MINUTE))


def test_the_answer_of_the_runtime_makes_the_lab_ready() -> None:
    given(created, started).when(mark_ready).then(ready)


def test_an_outdated_runtime_makes_nothing_ready() -> None:
    given(created, started).when(replace(mark_ready, revision=0)).then()


def test_a_failure_is_retried_with_growing_delays_and_then_given_up() -> None:
    first = given(created, started).when(fail)
    first.then(attempt_failed)
    second = given(created, started, attempt_failed, replace(started, revision=2)).when(
        replace(fail, revision=2)
    )
    assert second.facts[0] == replace(
        attempt_failed, revision=2, retries=2, next_retry_at=NOW + timedelta(seconds=4)
    )
    exhausted = replace(attempt_failed, retries=3)
    given(created, started, exhausted, started).when(fail).then(failed)


def test_jitter_shortens_the_delay_by_half_at_most() -> None:
    fact = given(created, started).when(replace(fail, jitter=1.0)).facts[0]
    assert isinstance(fact, ProvisioningFailed)
    assert fact.next_retry_at == NOW + timedelta(seconds=1)


def test_a_permanent_failure_is_not_tried_again() -> None:
    given(created, started).when(replace(fail, permanent=True)).then(failed)


def test_an_attempt_times_out_at_its_deadline_and_not_before() -> None:
    given(created, started).when(time_out, after=MINUTE - timedelta(seconds=1)).then()
    facts = given(created, started).when(time_out, after=MINUTE).facts
    assert isinstance(facts[0], ProvisioningFailed)
    assert facts[0].reason == "ProvisioningTimedOut"


def test_an_outage_of_the_provisioner_is_recorded_once_and_counts_no_retry() -> None:
    given(created).when(postpone).then_kinds(ProvisioningPostponed)
    postponed = ProvisioningPostponed(reason="ProvisionerUnavailable", message="", at=NOW)
    given(created, postponed).when(postpone).then()
    assert given(created, started, postponed).existing.retries == 0


def test_drift_of_a_stable_lab_is_repaired_at_once() -> None:
    facts = given(created, started, ready).when(report_drift, after=HOUR / 2).facts
    assert facts == (replace(drifted, at=NOW + HOUR / 2, next_retry_at=NOW + HOUR / 2),)


def test_a_lab_that_drifts_again_and_again_is_given_up() -> None:
    repaired = given(created, started, replace(drifted, retries=3), started, ready)
    repaired.when(report_drift).then_kinds(DriftDetected, Failed)


def test_drift_of_an_outdated_runtime_is_none() -> None:
    given(created, started, ready).when(replace(report_drift, revision=7)).then()


def test_a_lab_expires_when_its_time_is_up_and_not_before() -> None:
    alive = given(created, started, ready)
    alive.when(expire, after=HOUR - timedelta(seconds=1)).then()
    alive.when(expire, after=HOUR).then(
        Expired(at=NOW + HOUR), DeletionRequested(reason="expired", at=NOW + HOUR)
    )


def test_an_extension_moves_the_expiry() -> None:
    extended = given(created, started, ready, Extended(by=MINUTE, at=NOW))
    extended.when(expire, after=HOUR).then()
    extended.when(expire, after=HOUR + MINUTE).then_kinds(Expired, DeletionRequested)


def test_a_repair_does_not_prolong_the_lab() -> None:
    late = replace(ready, at=NOW + HOUR / 2)
    given(created, started, ready, drifted, started, late).when(expire, after=HOUR).then_kinds(
        Expired, DeletionRequested
    )


def test_deletion_completes_with_its_proof() -> None:
    given(created, deletion_requested).when(complete).then(
        Deleted(proof="nothing runs", left_behind=(), at=NOW)
    )


def test_a_hindrance_of_a_deletion_is_recorded_once_and_shown() -> None:
    hindered = DeletionHindered(reason="RemovalFailed", message="immutable", at=NOW)
    given(created, deletion_requested).when(hinder).then(hindered)
    given(created, deletion_requested, hindered).when(hinder).then()
    given(created, deletion_requested, hindered).when(complete).then_kinds(Deleted)
    given(created).when(hinder).then()


def test_finalizers_hold_the_deletion() -> None:
    given(guarded, deletion_requested).when(complete).then()


def test_waiting_work_is_resumed() -> None:
    given(created).when(resume).then_kinds(ProvisioningResumed)
    given(created, started).when(resume).then()
    given(created, deletion_requested).when(resume_deletion).then_kinds(DeletionResumed)


def test_the_removal_of_an_orphan_is_recorded_even_where_no_lab_ever_was() -> None:
    expected = OrphanTerminated(uid="stranger", proof="gone", at=NOW)
    given().when(record_orphan).then(expected)
    given(created).when(record_orphan).then(expected)


def test_a_labs_own_runtime_is_no_orphan() -> None:
    given(created).when(RecordOrphanTermination(lab=LAB, uid=UID, proof="gone")).then()


@pytest.mark.parametrize(
    ("past", "command"),
    [
        ((), start),
        ((), postpone),
        ((started,), mark_ready),
        ((started,), fail),
        ((started, ready), report_drift),
        ((deletion_requested,), complete),
    ],
)
def test_commands_about_an_earlier_incarnation_change_nothing(
    past: tuple[LabInstanceEvent, ...], command: LabInstanceCommand
) -> None:
    assert given(created, *past).when(command).facts
    given(replace(created, uid="another"), *past).when(command).then()


def test_a_retried_lab_starts_with_a_clean_slate() -> None:
    lab = given(created, started, ready, drifted, failed, Retried(at=NOW)).existing
    assert (lab.retries, lab.clock_started_at, lab.next_retry_at) == (0, None, None)
