"""What clients keep of their own beside a lab: who manages which fields, fields of the status,
and remarks."""

from dataclasses import replace

import pytest

from domain.errors import LabInstanceAlreadyExists, LabInstanceNotFound
from domain.lab_instance.commands import RemarkOnLabInstance, ReportStatus
from domain.lab_instance.end_facts import Deleted
from domain.lab_instance.events import (
    LabInstanceEvent,
    OwnershipRecorded,
    Remarked,
    StatusReported,
)
from domain.lab_instance.field_manager import FieldManager
from tests.domain.scenario import (
    LAB,
    NO_PRECONDITION,
    NOW,
    created,
    deletion_requested,
    given,
    ready,
    started,
)
from tests.domain.test_user_commands import change, create

GRADES = {"grade": '{"points":3}'}
KUBECTL = FieldManager(
    manager="kubectl", operation="Apply", subresource="", fields='{"f:spec":{}}', at=NOW
)

report = ReportStatus(lab=LAB, reported=GRADES, managers=(), precondition=NO_PRECONDITION)
remark = RemarkOnLabInstance(
    lab=LAB,
    name="ann.17f",
    reason="Graded",
    message="three points",
    warning=False,
    reporter="grader",
    count=1,
)
reported = StatusReported(reported=GRADES, at=NOW)
owned = OwnershipRecorded(managers=(KUBECTL,), at=NOW)
remarked = Remarked(
    name="ann.17f",
    reason="Graded",
    message="three points",
    warning=False,
    reporter="grader",
    count=1,
    at=NOW,
)
deleted = Deleted(proof="nothing runs", left_behind=(), at=NOW)


def test_a_manager_that_creates_a_lab_owns_its_fields() -> None:
    given().when(replace(create, managers=(KUBECTL,))).then(created, owned)


def test_a_refused_creation_records_no_owner() -> None:
    with pytest.raises(LabInstanceAlreadyExists):
        given(created).when(replace(create, managers=(KUBECTL,)))


def test_a_change_of_owners_alone_is_a_change() -> None:
    given(created).when(replace(change, managers=(KUBECTL,))).then(owned)


def test_owners_that_stay_the_same_are_not_recorded_again() -> None:
    given(created, owned).when(replace(change, managers=(KUBECTL,))).then()


@pytest.mark.parametrize("past", [(), (started, ready), (deletion_requested,)])
def test_clients_keep_fields_in_the_status_whatever_state_the_lab_is_in(
    past: tuple[LabInstanceEvent, ...],
) -> None:
    given(created, *past).when(report).then(reported)


def test_fields_that_stay_the_same_are_not_recorded_again() -> None:
    given(created, reported).when(report).then()


def test_fields_that_clients_keep_end_with_the_lab() -> None:
    past = given(created, reported, owned, deletion_requested, deleted, created)
    assert past.existing.reported == {}
    assert past.existing.managers == ()


def test_a_remark_is_recorded_and_changes_nothing_about_the_lab() -> None:
    given(created).when(remark).then(remarked)
    assert given(created, remarked).lab == given(created).lab


def test_a_remark_may_come_after_its_lab() -> None:
    given(created, deletion_requested, deleted).when(remark).then(remarked)


@pytest.mark.parametrize("command", [report, remark])
def test_a_lab_that_never_was_keeps_nothing_for_clients(command: ReportStatus) -> None:
    with pytest.raises(LabInstanceNotFound):
        given().when(command)
