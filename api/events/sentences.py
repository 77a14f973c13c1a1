"""What happened, in a word and in a sentence. Neither addresses nor tokens are repeated."""

import re
from dataclasses import dataclass
from typing import assert_never

from api.kubernetes.timestamp import timestamp
from domain.lab_instance.duration import format_duration
from domain.lab_instance.edit_facts import MetadataEdited, OwnershipEdited, StatusEdited
from domain.lab_instance.edits import ManagersEdit
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
    BecameReady,
    DriftDetected,
    Extended,
    Failed,
    LabInstanceCreated,
    LabInstanceEvent,
    MetadataChanged,
    OwnershipRecorded,
    ProvisioningFailed,
    ProvisioningPostponed,
    ProvisioningResumed,
    ProvisioningStarted,
    Remarked,
    RestartRequested,
    Retried,
    RuntimeFact,
    SpecChanged,
    StatusReported,
    Wish,
)

_WORD = re.compile(r"[^\s\"'<>(),;]+")  # one class and nothing behind it: never tried twice
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Sentence:
    """The word, the sentence, and whether it is a warning."""

    reason: str
    message: str
    warning: bool = False


def sentence_of(event: LabInstanceEvent, stored_name: str) -> Sentence:
    """What is said of a fact. Its word is its stored name, but a remark has its own."""
    if isinstance(event, Remarked):
        return Sentence(event.reason, _safe(event.message), event.warning)
    left_behind = isinstance(event, Deleted) and bool(event.left_behind)
    _, name, _ = stored_name.split(".")
    word = "".join(part.capitalize() for part in name.split("-"))
    return Sentence(word, _safe(_said(event)), left_behind or isinstance(event, _TROUBLES))


def _said(event: LabInstanceEvent) -> str:
    if isinstance(event, RuntimeFact):
        return _said_of_runtime(event)
    return _said_of_end(event) if isinstance(event, End) else _said_of_wish(event)


_TROUBLES = (
    ProvisioningFailed,
    ProvisioningPostponed,
    DriftDetected,
    Failed,
    DeletionResumed,
    DeletionHindered,
    OrphanTerminated,
)


def _safe(text: str) -> str:
    said = _WORD.sub(_without_address, text[: 2 * _LONGEST])
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 3]}..."


def _without_address(word: re.Match[str]) -> str:
    name, at, domain = word[0].partition("@")
    return "..." if name and at and domain.strip("@") else word[0]


def _said_of_wish(event: Wish) -> str:
    """What people and their clients wished for, or noted."""
    match event:
        case LabInstanceCreated():
            return f"a lab of {event.spec.template} for {event.spec.duration} was asked for"
        case SpecChanged():
            return f"from now on it shall be {event.spec.template} for {event.spec.duration}"
        case MetadataChanged() | MetadataEdited():
            return "its labels, annotations or finalizers were changed"
        case OwnershipRecorded() | OwnershipEdited():
            return f"its fields are looked after by {_managers_of(event) or 'nobody'}"
        case StatusReported() | StatusEdited():
            return f"clients keep in its status: {_reported_by(event) or 'nothing'}"
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


def _managers_of(event: OwnershipRecorded | OwnershipEdited) -> str:
    managers = event.managers
    found = managers.edited if isinstance(managers, ManagersEdit) else managers
    return ", ".join(sorted({each.manager for each in found}))


def _reported_by(event: StatusReported | StatusEdited) -> str:
    reported = event.reported.said if isinstance(event, StatusEdited) else event.reported
    return ", ".join(sorted(reported))


def _said_of_runtime(event: RuntimeFact) -> str:
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


def _said_of_end(event: End) -> str:
    """How a lab, or what was left of one, went away."""
    match event:
        case Expired():
            return "its time is up"
        case DeletionRequested():
            return f"its deletion was requested: {event.reason}"
        case DeletionResumed():
            return "its deletion was stuck and was called for again"
        case DeletionHindered():
            return f"it cannot be removed yet, {event.reason}: {event.message}"
        case Deleted():
            left = f"; left behind: {', '.join(event.left_behind)}" if event.left_behind else ""
            return f"it is gone: {event.proof}{left}"
        case OrphanTerminated():
            return f"a runtime that no lab owns was removed: {event.proof}"
        case _:
            assert_never(event)
