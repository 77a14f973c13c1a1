"""What happened, in a word and in a sentence. Neither addresses nor tokens are repeated."""

import re
from dataclasses import dataclass
from typing import assert_never

from api.events.clauses import said_of_end, said_of_runtime, said_of_wish
from domain.lab_instance.edit_facts import MetadataEdited, OwnershipEdited, StatusEdited
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
    LabInstanceEvent,
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

_WORD = re.compile(r"[^\s\"'<>(),;]+")  # one class and nothing behind it: never tried twice
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Sentence:
    """The word, the sentence, and whether it tells of trouble."""

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
    match event:
        case (
            LabInstanceCreated()
            | SpecChanged()
            | MetadataChanged()
            | MetadataEdited()
            | OwnershipRecorded()
            | OwnershipEdited()
            | StatusReported()
            | StatusEdited()
            | Remarked()
            | Extended()
            | RestartRequested()
            | Retried()
            | AccessGranted()
        ):
            return said_of_wish(event)
        case (
            ProvisioningStarted()
            | BecameReady()
            | ProvisioningFailed()
            | ProvisioningPostponed()
            | ProvisioningResumed()
            | DriftDetected()
            | Failed()
        ):
            return said_of_runtime(event)
        case Expired() | DeletionRequested() | DeletionResumed() | Deleted() | OrphanTerminated():
            return said_of_end(event)
        case _:
            assert_never(event)


_TROUBLES = (
    ProvisioningFailed,
    ProvisioningPostponed,
    DriftDetected,
    Failed,
    DeletionResumed,
    OrphanTerminated,
)


def _safe(text: str) -> str:
    said = _WORD.sub(_without_address, text[: 2 * _LONGEST])
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 3]}..."


def _without_address(word: re.Match[str]) -> str:
    name, at, domain = word[0].partition("@")
    return "..." if name and at and domain.strip("@") else word[0]
