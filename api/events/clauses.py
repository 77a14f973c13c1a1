"""What is said of facts, in a sentence each."""

from typing import assert_never

from api.kubernetes.timestamp import timestamp
from domain.lab_instance.duration import format_duration
from domain.lab_instance.edit_facts import MetadataEdited, OwnershipEdited, StatusEdited
from domain.lab_instance.edits import ManagersEdit
from domain.lab_instance.events import (
    AccessGranted,
    BecameReady,
    Deleted,
    DeletionRequested,
    DeletionResumed,
    DriftDetected,
    Expired,
    Extended,
    Failed,
    LabInstanceCreated,
    MetadataChanged,
    OrphanTerminated,
    OwnershipRecorded,
    ProvisioningFailed,
    ProvisioningPostponed,
    ProvisioningResumed,
    ProvisioningStarted,
    Remarked,
    RestartRequested,
    Retried,
    SpecChanged,
    StatusReported,
)

Wish = (
    LabInstanceCreated
    | SpecChanged
    | MetadataChanged
    | MetadataEdited
    | OwnershipRecorded
    | OwnershipEdited
    | StatusReported
    | StatusEdited
    | Remarked
    | Extended
    | RestartRequested
    | Retried
    | AccessGranted
)
RuntimeFact = (
    ProvisioningStarted
    | BecameReady
    | ProvisioningFailed
    | ProvisioningPostponed
    | ProvisioningResumed
    | DriftDetected
    | Failed
)
End = Expired | DeletionRequested | DeletionResumed | Deleted | OrphanTerminated


def said_of_wish(event: Wish) -> str:
    """What people and their clients wished for, or noted."""
    match event:
        case LabInstanceCreated():
            return f"a lab of {event.spec.template} for {event.spec.duration} was asked for"
        case SpecChanged():
            return f"from now on it shall be {event.spec.template} for {event.spec.duration}"
        case MetadataChanged() | MetadataEdited():
            return "its labels, annotations or finalizers were changed"
        case OwnershipRecorded() | OwnershipEdited():
            return f"its fields are looked after by {_those_who_look_after(event) or 'nobody'}"
        case StatusReported() | StatusEdited():
            return f"clients keep in its status: {_named(event) or 'nothing'}"
        case Remarked():
            return event.message
        case Extended():
            return f"it may live {format_duration(event.by)} longer"
        case RestartRequested():
            return "a fresh runtime was asked for"
        case Retried():
            return "the failed lab is to be tried again from the start"
        case AccessGranted():
            return "the link into it was handed out"
        case _:
            assert_never(event)


def _those_who_look_after(event: OwnershipRecorded | OwnershipEdited) -> str:
    managers = event.managers
    found = managers.edited if isinstance(managers, ManagersEdit) else managers
    return ", ".join(sorted({each.manager for each in found}))


def _named(event: StatusReported | StatusEdited) -> str:
    return ", ".join(
        sorted(event.reported.said if isinstance(event, StatusEdited) else event.reported)
    )


def said_of_runtime(event: RuntimeFact) -> str:
    """What became of a runtime."""
    match event:
        case ProvisioningStarted():
            return (
                f"runtime {event.revision} is being brought up, "
                f"until {timestamp(event.deadline)} at the latest"
            )
        case BecameReady():
            return f"runtime {event.revision} answers at {event.endpoint}"
        case ProvisioningFailed():
            return (
                f"attempt {event.revision} failed, {event.reason}: {event.message}; "
                f"the next one is due at {timestamp(event.next_retry_at)}"
            )
        case ProvisioningPostponed():
            return f"it waits, {event.reason}: {event.message}"
        case ProvisioningResumed():
            return f"nobody worked on it, {event.reason}; its work was called for again"
        case DriftDetected():
            return (
                f"runtime {event.revision} is not as recorded, {event.reason}: {event.message}; "
                f"its repair is due at {timestamp(event.next_retry_at)}"
            )
        case Failed():
            return f"it was given up, {event.reason}: {event.message}"
        case _:
            assert_never(event)


def said_of_end(event: End) -> str:
    """How a lab, or what was left of one, went away."""
    match event:
        case Expired():
            return "its time is up"
        case DeletionRequested():
            return f"its deletion was requested: {event.reason}"
        case DeletionResumed():
            return "its deletion was stuck and was called for again"
        case Deleted():
            left = f"; left behind: {', '.join(event.left_behind)}" if event.left_behind else ""
            return f"it is gone: {event.proof}{left}"
        case OrphanTerminated():
            return f"a runtime that no lab owns was removed: {event.proof}"
        case _:
            assert_never(event)
