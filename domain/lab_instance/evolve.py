"""Evolves labs: the lab after an event. Pure; never refuses."""

from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from domain.lab_instance import conditions, provisioning_facts
from domain.lab_instance.conditions import Verdict
from domain.lab_instance.edit_facts import MetadataEdited, OwnershipEdited, StatusEdited
from domain.lab_instance.edits import edited_managers, edited_texts
from domain.lab_instance.end_facts import (
    Deleted,
    DeletionHindered,
    DeletionRequested,
    DeletionResumed,
    End,
    Expired,
    OrphanTerminated,
)
from domain.lab_instance.events import (
    AccessGranted,
    Extended,
    LabInstanceCreated,
    LabInstanceEvent,
    MetadataChanged,
    Note,
    OwnershipRecorded,
    Remarked,
    SpecChanged,
    StatusReported,
)
from domain.lab_instance.lab_instance import LabInstance
from domain.lab_instance.status import ConditionType, LabState

_LifecycleFact = SpecChanged | Note | Remarked | Extended | AccessGranted | End


def evolve(lab: LabInstance | None, event: LabInstanceEvent) -> LabInstance | None:
    """The lab after `event`; None stays None until a lab is created."""
    if isinstance(event, LabInstanceCreated):
        return _created(event)
    if lab is None:
        return None
    if isinstance(event, provisioning_facts.ProvisioningFact):
        return provisioning_facts.evolved(lab, event)
    return _evolved(lab, event)


def _evolved(lab: LabInstance, event: _LifecycleFact) -> LabInstance:
    if isinstance(event, Note):
        return _noted(lab, event)
    match event:
        case SpecChanged():
            return _spec_changed(lab, event)
        case Extended():
            return replace(lab, extension=lab.extension + event.by)
        case DeletionRequested():
            return _deletion_requested(lab, event)
        case DeletionResumed() | DeletionHindered():
            return _deletion_goes_on(lab, event)
        case Deleted():
            return replace(lab, state=LabState.DELETED, endpoint=None, finalizers=())
        case AccessGranted() | OrphanTerminated() | Expired() | Remarked():
            return lab
        case _:
            assert_never(event)


def _noted(lab: LabInstance, event: Note) -> LabInstance:
    match event:
        case MetadataChanged():
            return replace(
                lab,
                labels=event.labels,
                annotations=event.annotations,
                finalizers=event.finalizers,
            )
        case MetadataEdited():
            return replace(
                lab,
                labels=edited_texts(lab.labels, event.labels),
                annotations=edited_texts(lab.annotations, event.annotations),
                finalizers=event.finalizers,
            )
        case OwnershipRecorded():
            return replace(lab, managers=event.managers)
        case OwnershipEdited():
            return replace(lab, managers=edited_managers(lab.managers, event.managers))
        case StatusReported():
            return replace(lab, reported=event.reported)
        case StatusEdited():
            return replace(lab, reported=edited_texts(lab.reported, event.reported))
        case _:
            assert_never(event)


def _created(event: LabInstanceCreated) -> LabInstance:
    return LabInstance(
        key=event.lab,
        uid=event.uid,
        generation=1,
        observed_generation=0,
        labels=event.labels,
        annotations=event.annotations,
        finalizers=event.finalizers,
        created_at=event.at,
        deletion_requested_at=None,
        spec=event.spec,
        extension=timedelta(0),
        state=LabState.PENDING,
        revision=0,
        attempt_deadline=None,
        postponed=False,
        endpoint=None,
        isolation="",
        clock_started_at=None,
        ready_at=None,
        retries=0,
        next_retry_at=None,
        due_since=event.at,
        resumptions=0,
        reason="Pending",
        message="waiting to be provisioned",
        conditions=conditions.initial(event.at),
        managers=(),
        reported={},
    )


def _spec_changed(lab: LabInstance, event: SpecChanged) -> LabInstance:
    generation = lab.generation + 1
    changed = replace(lab, spec=event.spec, generation=generation)
    settled = lab.observed_generation == lab.generation
    if event.spec.runs_like(lab.spec):
        return replace(
            changed,
            observed_generation=generation if settled else lab.observed_generation,
            conditions=conditions.judge(lab.conditions, {}, at=event.at, generation=generation),
        )
    if lab.state in (LabState.PROVISIONING, LabState.READY):
        return provisioning_facts.sent_back(
            changed, "SpecChanged", "the runtime is replaced to fit the changed spec", event.at
        )
    return changed


def _deletion_goes_on(lab: LabInstance, event: DeletionResumed | DeletionHindered) -> LabInstance:
    if isinstance(event, DeletionResumed):
        return replace(lab, due_since=event.at, resumptions=lab.resumptions + 1)
    return replace(lab, reason=event.reason, message=event.message)


def _deletion_requested(lab: LabInstance, event: DeletionRequested) -> LabInstance:
    generation = lab.generation + 1
    message = f"being removed: {event.reason}"
    verdicts = {ConditionType.READY: Verdict(False, "Deleting", message)}
    return replace(
        lab,
        state=LabState.DELETING,
        generation=generation,
        observed_generation=generation,
        deletion_requested_at=event.at,
        attempt_deadline=None,
        next_retry_at=None,
        endpoint=None,
        ready_at=None,
        due_since=event.at,
        resumptions=0,
        reason="Deleting",
        message=message,
        conditions=conditions.judge(lab.conditions, verdicts, at=event.at, generation=generation),
    )
