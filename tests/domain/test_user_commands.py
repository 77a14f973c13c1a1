"""What people may ask of a lab, and what it leads to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import (
    IllegalTransition,
    InvalidLabInstance,
    LabInstanceAlreadyExists,
    LabInstanceNotFound,
)
from domain.lab_instance.commands import (
    AbandonLabInstance,
    ChangeLabInstance,
    CreateLabInstance,
    DeleteLabInstance,
    ExtendLabInstance,
    GrantAccess,
    RestartLabInstance,
    RetryLabInstance,
)
from domain.lab_instance.end_facts import Deleted
from domain.lab_instance.events import (
    AccessGranted,
    Extended,
    MetadataChanged,
    RestartRequested,
    Retried,
    SpecChanged,
)
from tests.domain.scenario import (
    ENDPOINT,
    LAB,
    NO_PRECONDITION,
    NOW,
    SPEC,
    UID,
    created,
    deletion_requested,
    failed,
    given,
    guarded,
    ready,
    started,
)

create = CreateLabInstance(
    lab=LAB,
    uid=UID,
    spec=SPEC,
    labels={},
    annotations={},
    finalizers=(),
    managers=(),
)
change = ChangeLabInstance(
    lab=LAB,
    spec=SPEC,
    labels={},
    annotations={},
    finalizers=(),
    managers=(),
    precondition=NO_PRECONDITION,
)
extend = ExtendLabInstance(lab=LAB, by=timedelta(minutes=30), maximum=timedelta(hours=2))
restart = RestartLabInstance(lab=LAB)
retry = RetryLabInstance(lab=LAB)
delete = DeleteLabInstance(lab=LAB, reason="user", precondition=NO_PRECONDITION)
abandon = AbandonLabInstance(lab=LAB)
open_ = GrantAccess(lab=LAB)
deleted = Deleted(proof="nothing runs", left_behind=(), at=NOW)


def test_a_lab_is_created_under_a_new_name() -> None:
    given().when(create).then(created)


def test_a_taken_name_is_refused() -> None:
    with pytest.raises(LabInstanceAlreadyExists):
        given(created).when(create)


def test_the_name_of_a_deleted_lab_is_free_again_for_a_new_incarnation() -> None:
    again = replace(create, uid="another")
    given(created, deletion_requested, deleted).when(again).then(replace(created, uid="another"))


@pytest.mark.parametrize("command", [change, extend, restart, retry, delete, abandon, open_])
def test_a_lab_that_does_not_exist_cannot_be_commanded(command: DeleteLabInstance) -> None:
    with pytest.raises(LabInstanceNotFound):
        given().when(command)
    with pytest.raises(LabInstanceNotFound):
        given(created, deletion_requested, deleted).when(command)


def test_a_changed_spec_is_recorded() -> None:
    longer = replace(SPEC, duration="90m")
    given(created).when(replace(change, spec=longer)).then(SpecChanged(spec=longer, at=NOW))


def test_changed_labels_are_recorded() -> None:
    expected = MetadataChanged(labels={"team": "a"}, annotations={}, finalizers=(), at=NOW)
    given(created).when(replace(change, labels={"team": "a"})).then(expected)


def test_a_change_that_changes_nothing_records_nothing() -> None:
    given(created).when(change).then()


def test_fixing_the_spec_of_a_failed_lab_tries_it_again() -> None:
    other = replace(SPEC, template="static")
    given(created, started, failed).when(replace(change, spec=other)).then_kinds(
        SpecChanged, Retried
    )


def test_a_lab_being_deleted_keeps_its_spec() -> None:
    with pytest.raises(IllegalTransition):
        given(created, deletion_requested).when(
            replace(change, spec=replace(SPEC, duration="90m"))
        )


def test_a_lab_being_deleted_may_lose_finalizers_but_gain_none() -> None:
    being_deleted = given(guarded, deletion_requested)
    being_deleted.when(change).then_kinds(MetadataChanged)
    with pytest.raises(InvalidLabInstance, match="no new finalizers"):
        being_deleted.when(replace(change, finalizers=("example.org/other",)))


def test_a_lab_is_extended_up_to_the_templates_maximum() -> None:
    alive = given(created, started, ready)
    alive.when(extend).then(Extended(by=timedelta(minutes=30), at=NOW))
    with pytest.raises(InvalidLabInstance, match="2h"):
        alive.when(replace(extend, by=timedelta(minutes=61)))


def test_extensions_add_up_against_the_maximum() -> None:
    half_an_hour = Extended(by=timedelta(minutes=30), at=NOW)
    with pytest.raises(InvalidLabInstance):
        given(created, half_an_hour, half_an_hour).when(extend)


def test_a_ready_lab_is_restarted_once_however_often_it_is_asked() -> None:
    requested = RestartRequested(at=NOW)
    given(created, started, ready).when(restart).then(requested)
    given(created, started, ready, requested).when(restart).then()


@pytest.mark.parametrize("command", [restart, extend, open_])
def test_a_failed_lab_cannot_be_used(command: RestartLabInstance) -> None:
    with pytest.raises(IllegalTransition, match="while it is failed"):
        given(created, started, failed).when(command)


def test_a_failed_lab_is_retried_once_however_often_it_is_asked() -> None:
    given(created, started, failed).when(retry).then(Retried(at=NOW))
    given(created, started, failed, Retried(at=NOW)).when(retry).then()


def test_a_ready_lab_needs_no_retry() -> None:
    with pytest.raises(IllegalTransition):
        given(created, started, ready).when(retry)


@pytest.mark.parametrize("past", [(), (started,), (started, ready), (started, failed)])
def test_deletion_is_legal_in_every_state(past: tuple[object, ...]) -> None:
    given(created, *past).when(delete).then(deletion_requested)  # type: ignore[arg-type]


def test_a_repeated_deletion_changes_nothing() -> None:
    given(created, deletion_requested).when(delete).then()


def test_an_abandoned_lab_is_deleted_and_what_is_left_is_named() -> None:
    left = (f"runtime {UID} revision 1 at {ENDPOINT}", "finalizer example.org/grades")
    given(guarded, started, ready).when(abandon).then(Deleted(proof="", left_behind=left, at=NOW))


def test_access_to_a_ready_lab_is_recorded_each_time() -> None:
    granted = AccessGranted(at=NOW)
    given(created, started, ready, granted).when(open_).then(granted)
